"""Which packages this one asks for, by extra, and which of them are installed here.

It reads what is installed without importing any of it, and needs nothing beyond Python: it has to work where things are
missing.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import NamedTuple

BASE = "base"
"""What is asked for without any extra."""

_OWN = "multipress"
_REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[[^\]]*\])?\s*(?:>=\s*([\w.]+))?\s*(?:;.*extra\s*==\s*['\"]([\w-]+)['\"])?")
"""Name, lowest version, extra: as this project writes them."""

_LOCKED = re.compile(r"([\w.-]+)==(\S+)")


class Package(NamedTuple):
    """A package that is asked for."""

    name: str
    at_least: str | None
    """The lowest version that will do; None: any."""
    installed: str | None
    """Its version here; None where it is missing."""

    @property
    def is_there(self) -> bool:
        """Whether it is installed in a version that will do."""
        return self.installed is not None and _numbers(self.installed) >= _numbers(self.at_least or "0")

    def __str__(self) -> str:
        """Name and version, or what is wrong with it."""
        if self.installed is None:
            return self.name
        return f"{self.name} {self.installed}" + ("" if self.is_there else f" (at least {self.at_least})")


def by_extra(root: Path) -> dict[str, list[Package]]:
    """The packages of the base and of each extra, without those of extras that it includes.

    They are asked for by pyproject.toml of the checkout ``root``, or, where that is none, by the installed package. The
    result is empty where neither says.
    """
    found: dict[str, list[Package]] = {}
    for text, extra in _asked_for(root):
        match = _REQUIREMENT.match(text)
        if match and match[1] != _OWN:
            found.setdefault(extra or match[3] or BASE, []).append(Package(match[1], match[2], _version(match[1])))
    return found


def _asked_for(root: Path) -> Iterable[tuple[str, str]]:
    """Requirements, each with its extra; without one where the text itself says it."""
    file = root / "pyproject.toml"
    if file.is_file():
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        extras = {BASE: project["dependencies"], **project["optional-dependencies"]}
        return [(text, extra) for extra, texts in extras.items() for text in texts]
    try:
        return [(text, "") for text in requires(_OWN) or []]
    except PackageNotFoundError:
        return []


def unlike_lock(lock: Path) -> list[str]:
    """Packages that are not installed as a requirements.lock names them, each with both versions.

    A build of the same version, such as torch 2.13.0+cpu, is as named.
    """
    locked = _LOCKED.findall(lock.read_text(encoding="utf-8"))
    found = [(name, wanted, _version(name) or "missing") for name, wanted in locked]
    return [f"{name} {here} ({wanted})" for name, wanted, here in found if here.partition("+")[0] != wanted]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> list[int]:
    """The version's numbers up to the first part that is none: 2.13.0+cpu is 2, 13, 0."""
    numbers = re.match(r"\d+(?:\.\d+)*", text)
    return [int(part) for part in numbers[0].split(".")] if numbers else []
