"""Bring the columns of a source to the schema's types, refusing every value that does not fit."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy
import pyarrow
import pyarrow.compute

from multipress.core.errors import UserError


class Column(NamedTuple):
    """A column of a source file, with the names that error messages need."""

    file: str
    name: str
    values: pyarrow.Array

    def refuse(self, row: int, found: str, allowed: str) -> UserError:
        """The error for a value in a 0-based row; messages count rows from 1."""
        return UserError(f"{self.file}, row {row + 1}, column {self.name!r}: {found}; {allowed}")


def visible_texts(column: Column) -> pyarrow.Array:
    """Texts as strings, none of them blank.

    Raises:
        UserError: as ``texts``, or a text has no visible character.
    """
    values = texts(column)
    blank = pyarrow.compute.equal(pyarrow.compute.utf8_trim_whitespace(values), "")
    if (row := _first(blank)) is not None:
        raise column.refuse(row, f"the text is empty ({values[row].as_py()!r})", "fill it in or remove the row")
    return values


def texts(column: Column) -> pyarrow.Array:
    """Texts as strings.

    Raises:
        UserError: the column holds something other than text, or a null.
    """
    values = column.values
    if pyarrow.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if not (pyarrow.types.is_string(values.type) or pyarrow.types.is_large_string(values.type)):
        raise column.refuse(_first_value(values), f"holds {values.type}", "a text column must hold strings")
    if (row := _first(values.is_null())) is not None:
        raise column.refuse(row, "the text is null", "fill it in or remove the row")
    return values.cast(pyarrow.string())


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
            raise column.refuse(row, f"idx is {value!r}", "use whole numbers, or leave the column out")
        if number in first_row:
            raise column.refuse(
                row, f"idx {number} is already that of row {first_row[number] + 1}", "each row needs its own idx"
            )
        first_row[number] = row
    return pyarrow.array(first_row, pyarrow.int64())


def numbers(column: Column, label_range: tuple[float, float] | None) -> pyarrow.Array:
    """Labels of a regression task as float64.

    Raises:
        UserError: a label is missing, not a finite number, or outside of ``label_range``.
    """
    low, high = label_range or (-math.inf, math.inf)
    allowed = f"use a number from {low:g} to {high:g}" if label_range else "use a finite number"
    labels = []
    for row, value in enumerate(column.values.to_pylist()):
        number = _number(value)
        if _missing(value):
            raise column.refuse(row, "the label is missing", allowed)
        if number is None or not math.isfinite(number):
            raise column.refuse(row, f"label {value!r} is not a number", allowed)
        if not low <= number <= high:
            raise column.refuse(row, f"label {number:g} is out of range", allowed)
        labels.append(number)
    return pyarrow.array(labels, pyarrow.float64())


def infer_names(column: Column) -> list[str]:
    """The sorted distinct labels: by number where all are whole numbers, else by text.

    Raises:
        UserError: a label is missing.
    """
    keys = set(_keys(column))
    return sorted(keys, key=int) if _all_whole(keys) else sorted(keys)


def classes(column: Column, names: Sequence[str]) -> pyarrow.Array:
    """Labels of a classification task as int64 ids, from ids or from names.

    Whole numbers are ids, unless the names themselves are whole numbers (such as ratings from 1 to 5).

    Raises:
        UserError: a label is missing, or neither an id nor a name.
    """
    ids = {name: index for index, name in enumerate(names)}
    allowed = f"known are {', '.join(names)}"
    if not _all_whole(names):
        ids = {str(index): index for index in range(len(names))} | ids
        allowed += f" (or the ids 0 to {len(names) - 1})"
    keys = _keys(column)
    for row, key in enumerate(keys):
        if key not in ids:
            raise column.refuse(row, f"unknown label {key!r}", allowed)
    return pyarrow.array([ids[key] for key in keys], pyarrow.int64())


def several_classes(file: str, labels: pyarrow.Array, names: Sequence[str]) -> None:
    """Refuse training rows of a single class.

    Raises:
        UserError: all labels are equal.
    """
    present = pyarrow.compute.unique(labels).to_pylist()
    if len(present) < 2:
        raise UserError(
            f"{file}: all {len(labels)} training rows have the label {names[present[0]]!r}; "
            "a classifier needs rows of at least two"
        )


def _keys(column: Column) -> list[str]:
    """Labels as text: whole numbers without a fraction, truth values as true and false."""
    keys = []
    for row, value in enumerate(column.values.to_pylist()):
        if _missing(value):
            raise column.refuse(row, "the label is missing", "fill it in or remove the row")
        if isinstance(value, float) and not value.is_integer():
            raise column.refuse(row, f"label {value!r} is not a whole number", "use label ids or names")
        keys.append(_key(value))
    return keys


def _key(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) else str(value)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or value == ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _all_whole(keys: Sequence[str] | set[str]) -> bool:
    return all(_whole(key) is not None for key in keys)


def _first(condition: pyarrow.Array) -> int | None:
    """Index of the first true element."""
    index = pyarrow.compute.index(condition, True).as_py()
    return None if index < 0 else index


def _first_value(values: pyarrow.Array) -> int:
    return _first(values.is_valid()) or 0
