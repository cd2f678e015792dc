"""Read columns of JSONL files: a JSON object in each line."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow

from multipress.core.errors import UserError
from multipress.data.column import Column
from multipress.data.headers import chosen
from multipress.data.text_file import place_in, read_lines

_HALF_PAIR = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[\s,:]*")


@dataclass
class _Rows:
    """The objects of a file, and the numbers of their lines."""

    objects: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def read_jsonl(path: Path, wanted: Sequence[str], required: Sequence[str]) -> dict[str, Column]:
    """The wanted columns that a file has, each of one type.

    Raises:
        UserError: the file is malformed, lacks a required column, or mixes types in a column.
    """
    rows = _Rows()
    for number, line in enumerate(read_lines(path), start=1):
        if line.strip():
            rows.objects.append(_object(path, number, line))
            rows.lines.append(number)
    chosen(path, [], required, list(rows.objects[0]) if rows.objects else [], str)
    header = list(dict.fromkeys(chain.from_iterable(rows.objects)))
    indices = chosen(path, wanted, required, header, lambda index: _place_of_key(path, rows, header[index]))
    return {name: _column(path, name, header[index], rows) for name, index in indices.items()}


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        place = place_in(line, min(error.pos, len(line.rstrip("\r\n"))), number)
        raise UserError(f"{path}, {place}: malformed JSON ({error.msg}); fix the line") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}, line {number}: malformed JSON ({error}); fix the line") from None
    if not isinstance(value, dict):
        raise UserError(f"{path}, line {number}: holds {line.strip()[:40]!r}; each line must be one JSON object")
    if line.count(":") > len(value):
        _refuse_repeated_keys(path, number, line)
    return value


def _refuse_repeated_keys(path: Path, number: int, line: str) -> None:
    seen = set()
    for key, position in _members(line):
        if key in seen:
            place = place_in(line, position, number)
            raise UserError(f"{path}, {place}: the key {key!r} occurs a second time; rename or remove one")
        seen.add(key)


def _column(path: Path, name: str, key: str, rows: _Rows) -> Column:
    place = partial(_place, path, name, key, rows)
    values = [row.get(key) for row in rows.objects]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [value if value is None else float(value) for value in values]
    try:
        return Column(str(path), name, pyarrow.array(values), place)
    except (pyarrow.ArrowException, OverflowError, ValueError):
        row, reason = _fault(values)
        raise UserError(f"{path}, {place(row)}: {reason}") from None


def _fault(values: list[Any]) -> tuple[int, str]:
    """The 0-based row of the first value that does not fit, and why."""
    known = next(type(value) for value in values if value is not None)
    for row, value in enumerate(values):
        if isinstance(value, str) and _HALF_PAIR.search(value):
            return row, "half a surrogate pair is no character; write the whole pair, or remove it"
        if value is not None and type(value) is not known:
            return row, f"mixes types ({type(value).__name__} after {known.__name__}); use one type in a column"
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return row, f"the number {value} has more than 64 bits; use a smaller one, or text"
    return 0, "the values of this column have no common type; use one type in a column"


def _place(path: Path, name: str, key: str, rows: _Rows, row: int) -> str:
    return f"{_place_of_value(path, key, rows.lines[row])} ({name!r})"


def _place_of_key(path: Path, rows: _Rows, key: str) -> str:
    line = next(line for line, values in zip(rows.lines, rows.objects, strict=True) if key in values)
    return _place_of_value(path, key, line)


def _place_of_value(path: Path, key: str, number: int) -> str:
    """The place of a key's value in a line; of the line where it has no such key."""
    line = list(read_lines(path))[number - 1]
    return place_in(line, next((position for found, position in _members(line) if found == key), 0), number)


def _members(line: str) -> list[tuple[str, int]]:
    """Keys of a line's object, and the positions of their values."""
    decoder = json.JSONDecoder()
    found = []
    position = _after_space(line, line.index("{") + 1)
    while line[position] != "}":
        key, position = decoder.raw_decode(line, position)
        position = _after_space(line, position)
        found.append((key, position))
        _, position = decoder.raw_decode(line, position)
        position = _after_space(line, position)
    return found


def _after_space(line: str, position: int) -> int:
    match = _SPACE.match(line, position)
    return match.end() if match else position
