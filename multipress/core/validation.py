"""Turn pydantic's reports into one line that a person can act on."""

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails


def explain(error: ValidationError, model: type[BaseModel], source: str) -> str:
    """One line for the first problem: where, what is wrong, what is allowed; and how many more there are.

    ``source`` names the file or argument that was validated.
    """
    problems = error.errors()
    # A mistyped key also leaves the right one missing: name the typing error.
    first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    key = ".".join(str(part) for part in first["loc"] if not str(part).startswith("<"))
    line = f"{source}: {key + ': ' if key else ''}{_message(first, model)}"
    return line + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")


def _message(problem: ErrorDetails, model: type[BaseModel]) -> str:
    if problem["type"] == "extra_forbidden":
        name = str(problem["loc"][-1])
        known = _keys(model, problem["loc"][:-1])
        close = get_close_matches(name, known, n=1)
        return f"unknown key; did you mean {close[0]!r}?" if close else f"unknown key; known are {', '.join(known)}"
    if problem["type"] == "missing":
        return "missing; add it"
    text = problem["msg"].removeprefix("Value error, ")
    text = text[0].lower() + text[1:] if text.startswith(("Input", "String", "List", "Field")) else text
    shown = repr(problem["input"])
    return text if problem["type"] == "value_error" or len(shown) > 80 else f"{shown}: {text}"


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
