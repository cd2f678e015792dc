"""Turn pydantic's reports into one line that a person can act on."""

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
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
    """Keys of the section at ``location``, through lists and mappings of sections, whichever form it may have."""
    models = [model]
    for part in location:
        fields = [each.model_fields[str(part)] for each in models if str(part) in each.model_fields]
        # Without a field of that name it is an index of a list, a free key of a mapping, or the name of a form.
        models = [section for field in fields for section in _sections(field.annotation)] or models
    return list(dict.fromkeys(field.alias or name for each in models for name, field in each.model_fields.items()))


def _sections(annotation: Any) -> list[type[BaseModel]]:
    """The sections in an annotation such as ``list[Section]`` or ``dict[str, Section | Other]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [section for argument in get_args(annotation) for section in _sections(argument)]
