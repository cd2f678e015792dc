"""Every key of the configuration: its values, that of config.yaml, and what it means."""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from multipress.compression.registry import methods
from multipress.documentation.markdown import code, plain, table
from multipress.workflow.environment import ROOT
from multipress.workflow.load import MODEL

_Schema = dict[str, Any]
_HEADER = ("key", "values", "in `config.yaml`", "what")
_WORDS = {"string": "text", "boolean": "true or false", "null": "null", "object": "keys and values"}
_ABSENT = object()
_LONGEST = 60
"""Characters of a value that is written out; longer ones are in config.yaml."""


def configuration() -> str:
    """A heading and a table for each section."""
    schema = MODEL.model_json_schema()
    values = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    known, parts = schema["$defs"], []
    alone = {name: entry for name, entry in schema["properties"].items() if not _sections(entry, known)}
    parts.append(table(_HEADER, _rows({"properties": alone}, known, values, "")))
    for name, entry in schema["properties"].items():
        if name not in alone:
            parts += [f"## `{name}`", *_section(name, entry, known, values.get(name, _ABSENT))]
    return "\n\n".join(parts)


def _section(name: str, entry: _Schema, known: _Schema, value: Any) -> Iterator[str]:
    prefix = _prefix(name, entry)
    for section in _sections(entry, known):
        yield plain(section["description"])
        if name in methods():
            yield f"Which steps have it: [steps](steps.md#{name})."
        yield table(_HEADER, _rows(section, known, value, prefix))


def _rows(section: _Schema, known: _Schema, value: Any, prefix: str) -> Iterator[tuple[str, ...]]:
    for name, entry in section["properties"].items():
        own = value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT
        if own is _ABSENT:
            own = entry.get("default", _ABSENT)
        inner = _sections(entry, known)
        for each in inner:
            yield from _rows(each, known, own, _prefix(f"{prefix}{name}", entry))
        if not inner:
            yield code(prefix + name), _form(entry, known), _value(own), plain(entry.get("description", ""))


def _prefix(path: str, entry: _Schema) -> str:
    """What the keys of a section begin with; a word in angle brackets is for the user to choose."""
    if entry.get("type") == "array":
        return f"{path}[]."
    return f"{path}.<name>." if "additionalProperties" in entry else f"{path}."


def _sections(entry: _Schema, known: _Schema) -> list[_Schema]:
    """The sections that a key holds: one, one of several, or one for each name; none if it holds plain values."""
    for nested in ("additionalProperties", "items"):
        if isinstance(entry.get(nested), dict):
            return _sections(entry[nested], known)
    several = entry.get("oneOf") or entry.get("anyOf") or entry.get("allOf") or [entry]
    return [known[form["$ref"].rpartition("/")[2]] for form in several if "$ref" in form]


def _form(entry: _Schema, known: _Schema) -> str:
    """The values that a key may have, in words."""
    if several := entry.get("anyOf") or entry.get("oneOf"):
        return " or ".join(dict.fromkeys(_form(form, known) for form in several))
    if "enum" in entry or "const" in entry:
        return ", ".join(code(str(value)) for value in entry.get("enum") or [entry["const"]])
    kind = entry.get("type", "anything")
    if kind == "array":
        return f"list of {_several(_form(entry.get('items') or entry['prefixItems'][0], known))}"
    if kind == "object" and isinstance(entry.get("additionalProperties"), dict):
        return f"{_form(entry['additionalProperties'], known)} for each name"
    if kind in ("integer", "number"):
        return _bounded("whole number" if kind == "integer" else "number", entry)
    return _WORDS.get(str(kind), str(kind))


def _several(form: str) -> str:
    """The plural of a form."""
    for word in ("whole number", "number", "text", "list"):
        if form.startswith(word):
            return f"{word}s{form.removeprefix(word)}"
    return form


def _bounded(word: str, entry: _Schema) -> str:
    """A number with its bounds."""
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    bounds = [f"{said} {entry[key]:,}" for key, said in words.items() if key in entry]
    return " ".join([word, *bounds])


def _value(value: Any) -> str:
    if value is _ABSENT:
        return "to be named"
    written = json.dumps(value, ensure_ascii=False)
    return code(written) if len(written) <= _LONGEST else "see there"
