"""Entries of a rule's settings: each knows its value for a job, and the key of the configuration behind it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from multipress.workflow.configuration import Config

Wildcards = Mapping[str, str]
"""Values of a job's wildcards by name."""

OMITTED = object()
"""The value of an entry that is left out of a job's settings, because it has no effect there."""


@dataclass(frozen=True)
class Entry:
    """One entry of a rule's settings."""

    value: Callable[[Config, Wildcards], Any]
    """Its JSON value for a job, or ``OMITTED``."""
    key_of: Callable[[str], str]
    """The configuration's key for a dotted name within the value, empty for the value itself; wildcards in braces."""


Entries = dict[str, Entry]


def key(
    path: str,
    value: Callable[[Any], Any] | None = None,
    when: Callable[[Config, Wildcards], bool] = lambda config, wildcards: True,
) -> Entry:
    """The entry for what is at a key of the configuration, with the overrides for the job's task and architecture.

    Args:
        path: The key, with the job's wildcards in braces: ``custom_tasks.{task}.metric``; GLUE's tasks and the paper's
            architectures are found there, too.
        value: The entry's value, from what is at the key; by default all of it.
        when: Whether the entry has an effect in a job.
    """
    convert = value or _plain

    def find(config: Config, wildcards: Wildcards) -> Any:
        return convert(_found(config, path, wildcards)) if when(config, wildcards) else OMITTED

    return Entry(find, _below(path))


def keys(path: str, names: Iterable[str]) -> Entries:
    """An entry for each of these keys of a section."""
    return {name: key(f"{path}.{name}") for name in names}


def wildcard(name: str, value: Callable[[str], Any] = str) -> Entry:
    """The entry for what names a job: no key of the configuration changes it."""
    return Entry(lambda config, wildcards: value(wildcards[name]), _below(name))


def computed(value: Callable[[Config, Wildcards], Any], path: str | Callable[[str], str]) -> Entry:
    """The entry for what is computed from several keys; ``path`` is what a change is explained by."""
    return Entry(value, _below(path) if isinstance(path, str) else path)


def only(names: Collection[str]) -> Callable[[BaseModel], dict[str, Any]]:
    """The value of a section with these keys alone."""
    return lambda section: section.model_dump(include=set(names))


def without(*names: str) -> Callable[[BaseModel], dict[str, Any]]:
    """The value of a section without these keys."""
    return lambda section: section.model_dump(exclude=set(names))


def _below(path: str) -> Callable[[str], str]:
    return lambda name: f"{path}.{name}" if name else path


def _found(config: Config, path: str, wildcards: Wildcards) -> Any:
    first, *rest = path.format(**wildcards).split(".")
    found: Any
    if first == "custom_tasks":
        found = config.all_tasks
    elif first == "custom_architectures":
        found = config.all_architectures
    else:
        found = config.stage(first, wildcards.get("task"), wildcards.get("arch"))
    for name in rest:
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    return found


def _plain(found: Any) -> Any:
    return found.model_dump() if isinstance(found, BaseModel) else found
