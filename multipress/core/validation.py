"""Turn pydantic's reports into one line that a person can act on."""

import datetime
import math
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

Location = Sequence[str | int]
"""Names of sections and indices of lists that lead to a value."""


class Written(NamedTuple):
    """How a value was written."""

    where: str
    """File, line and column."""
    text: str | None
    """The value as it stands there; None if that is not known."""


Locate = Callable[[Location], Written | None]
"""Finds how the value at a location was written; None if that is not known."""


def explain(error: ValidationError, model: type[BaseModel], source: str, locate: Locate = lambda location: None) -> str:
    """One line for the first problem: where, what is wrong, what is allowed; and how many more there are.

    ``source`` names the file or argument that was validated, where ``locate`` does not know it better.
    """
    problems = error.errors()
    # A mistyped key also leaves the right one missing: name the typing error.
    first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    location = _plain(first["loc"])
    key = ".".join(map(str, location))
    # A check of several sections begins its message with the key.
    written = locate(location or _named_first(first["msg"]))
    text = written.text if written and first["loc"][-1:] == location[-1:] else None
    line = f"{written.where if written else source}: {key + ': ' if key else ''}{_message(first, model, text)}"
    return line + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")


def _plain(location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The location without pydantic's marks for a form of a section, a type of several, and the key of a mapping."""
    return tuple(part for part in location if isinstance(part, int) or not (part.startswith("<") or part.endswith("]")))


def _named_first(message: str) -> tuple[str | int, ...]:
    first = message.removeprefix("Value error, ").split(" ")[0].rstrip(":")
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"\w+", first))


def _message(problem: ErrorDetails, model: type[BaseModel], written: str | None) -> str:
    kind, value = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        name = str(problem["loc"][-1])
        known = _keys(model, problem["loc"][:-1])
        close = get_close_matches(name, known, n=1)
        return f"unknown key; did you mean {close[0]!r}?" if close else f"unknown key; known are {', '.join(known)}"
    if kind == "missing":
        return "missing; add it"
    if kind == "string_type":
        return _no_text(value, written)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{_shown(value)}a section is wanted: give keys and values, or leave it out"
    text = problem["msg"].removeprefix("Value error, ")
    text = text[0].lower() + text[1:] if text.startswith(("Input", "String", "List", "Field")) else text
    if kind == "value_error":
        return text
    return f"{_shown(value)}{text}{_as_number(kind, value)}"


def _shown(value: Any) -> str:
    shown = repr(value)
    return f"{shown}: " if len(shown) <= 80 else ""


def _no_text(value: Any, written: str | None) -> str:
    """What YAML made of a word, and how to keep it one."""
    if isinstance(value, list | dict | tuple):
        return f"{_shown(value)}one text is wanted, not {'a section' if isinstance(value, dict) else 'a list'}"
    meanings = ((bool, "true or false"), (int | float, "a number"), (datetime.date, "a date"), (object, "no value"))
    meaning = next(meaning for kind, meaning in meanings if isinstance(value, kind))
    word = written or ("no value" if value is None else str(value))
    quoted = f'"{written}"' if written else "quotes"
    return f"{word} is read as {meaning}, and a text is wanted: write {quoted}"


def _as_number(kind: str, value: Any) -> str:
    """The number that a text seems to mean, as it is to be written."""
    if kind not in ("int_parsing", "float_parsing") or not isinstance(value, str):
        return ""
    meant = _number(value)
    is_possible = isinstance(meant, int) or (meant is not None and kind == "float_parsing")
    return f"; write {meant}" if is_possible else ""


def _number(text: str) -> int | float | None:
    for read in (lambda: int(text, 0), lambda: float(text.replace(",", "."))):
        try:
            number = read()
        except ValueError:
            continue
        if math.isfinite(number):
            return int(number) if number == number // 1 else number
    return None


def _keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Keys of the section at ``location``, through lists and mappings of sections."""
    forms: Forms = {model: None}
    for part in location:
        if part in forms.values():
            forms = {section: form for section, form in forms.items() if form == part}
            continue
        fields = [section.model_fields[str(part)] for section in forms if str(part) in section.model_fields]
        found: Forms = {}
        for field in fields:
            found |= _forms(field.annotation)
        forms = found or forms  # an index of a list, or a free key of a mapping, leads to no other section
    return list(dict.fromkeys(field.alias or name for section in forms for name, field in section.model_fields.items()))


Forms = dict[type[BaseModel], str | None]
"""The forms that a section may have, with the tags that tell them apart, if there are several."""


def _forms(annotation: Any, form: str | None = None) -> Forms:
    """The sections in an annotation such as ``list[Section]`` or ``dict[str, Section | Other]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation: form}
    arguments = get_args(annotation)
    tag = next((argument.tag for argument in arguments if isinstance(argument, Tag)), form)
    found: Forms = {}
    for argument in arguments:
        found |= _forms(argument, tag)
    return found
