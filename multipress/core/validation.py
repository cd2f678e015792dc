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
    key = ".".join(str(part) for part in first["loc"])
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
    """Field names of the section at ``location``, through lists and mappings of sections."""
    for part in location:
        field = model.model_fields.get(str(part))
        if field is None:
            continue  # an index of a list, or a free key of a mapping
        model = _section(field.annotation) or model
    return list(model.model_fields)


def _section(annotation: Any) -> type[BaseModel] | None:
    """The section in an annotation such as ``list[Section]`` or ``dict[str, Section]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_section(argument) for argument in get_args(annotation))
    return next((section for section in found if section is not None), None)
