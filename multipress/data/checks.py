"""Bring the columns of a source to the schema's types, refusing every value that does not fit."""

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import numpy
import pyarrow
import pyarrow.compute

from multipress.core.errors import UserError
from multipress.data.column import Column
from multipress.data.names import BLANKS, normal_label, normal_name, same_but_spelling, two_spellings, whole

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_UNLABELLED = " (as in GLUE's test sets, whose rows are not labelled)"

Label = TypeVar("Label", str, float)


def visible_texts(column: Column) -> pyarrow.Array:
    """Texts as strings, none of them blank.

    Raises:
        UserError: as ``texts``, or a text has no visible character, or a NUL character.
    """
    values = texts(column)
    blank = pyarrow.compute.equal(pyarrow.compute.utf8_trim(values, BLANKS), "")
    if (row := _first(blank)) is not None:
        raise column.refuse(row, f"the text is empty ({values[row].as_py()!r})", "fill it in or remove the row")
    if (row := _first(pyarrow.compute.match_substring(values, "\0"))) is not None:
        raise column.refuse(row, "the text has a NUL character", "remove it")
    return values


def texts(column: Column) -> pyarrow.Array:
    """Texts as strings.

    Raises:
        UserError: the column holds something other than text, or a null.
    """
    values = column.values
    if not (pyarrow.types.is_string(values.type) or pyarrow.types.is_null(values.type)):
        raise column.refuse(_first_value(values), f"holds {values.type}", "a text column must hold strings")
    if (row := _first(values.is_null())) is not None:
        raise column.refuse(row, "the text is null", "fill it in or remove the row")
    return values


def indices(column: Column | None, rows: int) -> pyarrow.Array:
    """Row identifiers as int64: the source's, or the row numbers from 0 where it has none.

    Raises:
        UserError: an identifier is no whole number, or occurs twice.
    """
    if column is None:
        return pyarrow.array(numpy.arange(rows, dtype=numpy.int64))
    first_row: dict[int, int] = {}
    for row, value in enumerate(column.values.to_pylist()):
        number = _whole(value)
        if number is None or not -(2**63) <= number < 2**63:
            found = "missing" if _missing(value) else _shown(value)
            raise column.refuse(row, f"idx is {found}", "use whole numbers, or leave the column out")
        if number in first_row:
            before = column.place(first_row[number])
            raise column.refuse(row, f"idx {number} is already that of {before}", "each row needs its own idx")
        first_row[number] = row
    return pyarrow.array(first_row, pyarrow.int64())


def numbers(column: Column, label_range: tuple[float, float] | None) -> pyarrow.Array:
    """Labels of a regression task as float64.

    Raises:
        UserError: a label is missing, not a finite number, or outside of ``label_range``.
    """
    low, high = label_range or (-math.inf, math.inf)
    allowed = f"use a number from {low:g} to {high:g}" if label_range else "use a finite number"

    def number_of(value: Any, refuse: Callable[[str, str], UserError]) -> float:
        number = _number(value)
        if _missing(value):
            raise refuse("the label is missing", allowed)
        if number is None or not math.isfinite(number):
            raise refuse(f"label {_shown(value)} is not a number", allowed)
        if not low <= number <= high:
            raise refuse(f"label {number:g} is out of range{_UNLABELLED if number == -1 else ''}", allowed)
        return number

    labels, codes = _each_label(column, number_of)
    return pyarrow.array(numpy.array(labels, numpy.float64)[codes])


def infer_names(column: Column) -> list[str]:
    """The sorted distinct labels: by number where all are whole numbers, else by text.

    Raises:
        UserError: a label is missing or no label, two are spellings of one name, or numbers and names are mixed.
    """
    labels, codes = _keys(column)
    names = list(dict.fromkeys(labels))
    if found := two_spellings(names):
        row = _row_of(labels, codes, found[1])
        raise column.refuse(row, f"label {found[1]!r} and {found[0]!r} differ by spelling alone", "write them alike")
    numbers = [name for name in names if whole(name) is not None]
    if 0 < len(numbers) < len(names):
        name = next(name for name in names if whole(name) is None)
        raise column.refuse(
            _row_of(labels, codes, name),
            f"label {name!r} is a name, and label {numbers[0]!r} of other rows a number",
            "use one of both, or list all of them in the task's labels",
        )
    return sorted(names, key=int) if numbers else sorted(names)


def classes(column: Column, names: Sequence[str]) -> pyarrow.Array:
    """Labels of a classification task as int64 ids, from ids or from names.

    Whole numbers are ids, unless one of the names is a whole number (such as ratings from 1 to 5).

    Raises:
        UserError: a label is missing, or neither an id nor a name, or names and ids are mixed.
    """
    by_name = {normal_label(name): index for index, name in enumerate(names)}
    by_id = {} if any(whole(name) is not None for name in by_name) else {str(i): i for i in range(len(names))}
    allowed = f"known are {', '.join(names)}" + (f" (or the ids 0 to {len(names) - 1})" if by_id else "")
    labels, codes = _keys(column, by_name)
    for label in labels:
        if label not in by_name and label not in by_id:
            raise column.refuse(
                _row_of(labels, codes, label), f"unknown label {label!r}{_hint(label, by_name)}", allowed
            )
    if mixed := [label for label in labels if (label in by_id) != (labels[0] in by_id)]:
        row = _row_of(labels, codes, mixed[0])
        raise column.refuse(row, f"labels are names and ids: {mixed[0]!r} after {labels[0]!r}", "use one of both")
    known = by_name | by_id
    return pyarrow.array(numpy.array([known[label] for label in labels], numpy.int64)[codes])


def _hint(label: str, names: Sequence[str] | dict[str, int]) -> str:
    if label == "-1":
        return _UNLABELLED
    other = same_but_spelling(label, names)
    return f" (spelled {other!r} elsewhere)" if other else ""


def differing_labels(file: str, labels: pyarrow.Array, names: Sequence[str] | None) -> None:
    """Refuse training rows with a single label.

    Raises:
        UserError: all labels are equal.
    """
    present = pyarrow.compute.unique(labels).to_pylist()
    if len(present) < 2:
        label = f"{present[0]:g}" if names is None else f"{names[present[0]]!r}{_hint(names[present[0]], [])}"
        learner = "a regression" if names is None else "a classifier"
        raise UserError(
            f"{file}: all {len(labels)} training rows have the label {label}; {learner} needs rows of at least two"
        )


def _keys(column: Column, names: Sequence[str] | dict[str, int] = ()) -> tuple[list[str], numpy.ndarray]:
    """Labels as text in their normal form, and for each row the position of its own.

    Whole numbers have no fraction. Truth values are true and false, unless ``names`` spell them otherwise.
    """
    labels, codes = _each_label(column, _key)
    lowered = [label.lower() for label in labels]
    if {"true", "false"}.issuperset(lowered):
        spelled = {name.lower(): name for name in names}
        return [spelled.get(label, label) for label in lowered], codes
    return labels, codes


def _key(value: Any, refuse: Callable[[str, str], UserError]) -> str:
    if _missing(value):
        raise refuse("the label is missing", "fill it in or remove the row")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal) and _whole(value) is None:
        raise refuse(f"label {_shown(value)} is not a whole number", "use label ids or names")
    return normal_label(value) if isinstance(value, str) else str(_whole(value))


def _each_label(
    column: Column, convert: Callable[[Any, Callable[[str, str], UserError]], Label]
) -> tuple[list[Label], numpy.ndarray]:
    """What becomes of each distinct value, in the order of the rows, and for each row the position of its own.

    Raises:
        UserError: the column's type is none of labels, or what ``convert`` raises, which gets a value and ``refuse``.
    """
    values = column.values
    if not any(is_kind(values.type) for is_kind in _LABEL_TYPES):
        raise column.refuse(_first_value(values), f"holds {values.type}", "a label column must hold names or numbers")
    encoded = (values if not pyarrow.types.is_null(values.type) else values.cast(pyarrow.string())).dictionary_encode(
        null_encoding="encode"
    )
    codes = encoded.indices.to_numpy()
    distinct = encoded.dictionary.to_pylist()

    def refusal(code: int) -> Callable[[str, str], UserError]:
        return lambda found, allowed: column.refuse(int(numpy.argmax(codes == code)), found, allowed)

    return [convert(value, refusal(code)) for code, value in enumerate(distinct)], codes


_LABEL_TYPES = (
    pyarrow.types.is_string,
    pyarrow.types.is_integer,
    pyarrow.types.is_floating,
    pyarrow.types.is_boolean,
    pyarrow.types.is_decimal,
    pyarrow.types.is_null,
)


def _row_of(labels: Sequence[str], codes: numpy.ndarray, label: str) -> int:
    """The first row with a label."""
    return int(numpy.argmax(codes == labels.index(label)))


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


def _missing(value: Any) -> bool:
    if isinstance(value, str):
        return not normal_name(value)
    return value is None or value != value  # NaN


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        name = normal_name(value)
        return float(name) if _NUMBER.fullmatch(name) else None
    return None if value is None or isinstance(value, bool) else float(value)


def _whole(value: Any) -> int | None:
    """The whole number that a value is, whatever its type."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return whole(normal_name(value))
    if isinstance(value, float | Decimal):
        return int(value) if math.isfinite(value) and value == int(value) else None
    return value if isinstance(value, int) else None


def _first(condition: pyarrow.Array) -> int | None:
    """Index of the first true element."""
    index = pyarrow.compute.index(condition, True).as_py()
    return None if index < 0 else index


def _first_value(values: pyarrow.Array) -> int:
    return _first(values.is_valid()) or 0
