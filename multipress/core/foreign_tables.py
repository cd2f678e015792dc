"""Read tables as people write them: CSV with any usual separator and decimal mark, from any program.

Cells come as text, each with the line where an editor shows it. The project's own tables are read by ``csv_tables``,
which knows how they were written.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from multipress.core.errors import UserError

_SEPARATORS = (",", ";", "\t")

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_DIGITS_AND_MARKS = re.compile(r"[+-]?[\d.,]*\d[\d.,]*(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_THOUSANDS_PERHAPS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class ForeignTable:
    """A table of text: its header in one normal form, its rows by their lines."""

    path: Path
    text: pd.DataFrame
    """Cells without blanks around them; the index is the line in which the row begins, the first being 1."""
    separator: str

    def error(self, line: int, problem: str) -> UserError:
        """The error that names file, line, and problem with its remedy."""
        return UserError(f"{self.path}, line {line}: {problem}")


def plain_name(name: str) -> str:
    """The normal form of a column's name: small letters, no blanks around it, underscores for those (and -) within."""
    return "_".join(name.strip("\ufeff").replace("-", " ").casefold().split())


def read(path: Path, required: Collection[str], optional: Collection[str] = ()) -> ForeignTable:
    """Read a table with a header, separated by commas, semicolons or tabs, whichever shows the most required columns.

    Names of columns are compared in their normal form. Blank lines, rows of empty cells, and empty cells beyond the
    header are skipped; a row that ends early has empty cells.

    Args:
        path: A text file in UTF-8.
        required: Columns that it must have.
        optional: Columns of which it must not have two either.

    Raises:
        UserError: the file is missing, no text or no table, lacks a required column, or has a known one twice.
    """
    text = _decoded(path)
    with _cells_of_any_length(text):
        separator = max(_SEPARATORS, key=lambda each: len(set(_header(text, each)) & set(required)))
        header, *rows = _rows(path, text, separator) or [(1, [])]
    names = [plain_name(name) for name in header[1]]
    if not any(names):
        raise UserError(f"{path} is no CSV table (it is empty); it needs a header with {', '.join(required)}")
    if absent := [column for column in required if column not in names]:
        raise UserError(
            f"{path} has no column {', '.join(absent)}; it needs {', '.join(required)} and has {_shown(header[1])}"
        )
    _check_unique(path, header[0], names, {*required, *optional})
    return ForeignTable(path, _frame(path, names, rows), separator)


def with_points(table: ForeignTable, columns: Sequence[str], below_1000: Collection[str] = ()) -> pd.DataFrame:
    """The cells with a point as the decimal mark in columns of numbers, whatever mark the table has.

    Marks of thousands are refused, and so is a comma that may be one.

    Args:
        table: The table.
        columns: Its columns of numbers.
        below_1000: Those whose numbers are so small that a comma cannot be a mark of thousands.

    Raises:
        UserError: a number has several marks, the table has two decimal marks, or its commas may mark thousands.
    """
    text = table.text.copy()
    text[columns] = text[columns].apply(lambda cells: cells.str.replace(_MINUS, "-"))
    marked = [
        ((line, column), cell)
        for line, *cells in text[columns].itertuples(name=None)
        for column, cell in zip(columns, cells, strict=True)
        if _DIGITS_AND_MARKS.fullmatch(cell)
    ]
    _check_single_marks(table, marked)
    commas = [(place, cell) for place, cell in marked if "," in cell]
    if commas:
        _check_decimal(table, commas, [(place, cell) for place, cell in marked if "." in cell], below_1000)
        text[columns] = text[columns].apply(lambda cells: cells.str.replace(",", "."))
    return text


def to_numbers(cells: pd.Series) -> pd.Series:
    """Cells with points as numbers; NaN for whatever is no plain decimal number, such as nan, 1_000 or 5 %."""
    plain = cells.map(lambda cell: isinstance(cell, str) and bool(_NUMBER.fullmatch(cell))).astype(bool)
    return pd.to_numeric(cells.where(plain), errors="coerce").astype(float)


Marked = list[tuple[tuple[int, str], str]]
"""Cells, each with its line and column."""


def _check_single_marks(table: ForeignTable, marked: Marked) -> None:
    for (line, column), cell in marked:
        if cell.count(",") + cell.count(".") > 1:
            raise table.error(line, f"{column} {cell!r} has marks of thousands; write numbers without them")


def _check_decimal(table: ForeignTable, commas: Marked, points: Marked, below_1000: Collection[str]) -> None:
    (line, column), cell = commas[0]
    if points:
        (other, its_column), its_cell = points[0]
        raise table.error(
            line,
            f"{column} {cell!r} has a comma, and {its_column} {its_cell!r} in line {other} a point; "
            "write one decimal mark throughout, and no marks of thousands",
        )
    is_decimal = table.separator == ";" or any(
        column in below_1000 or not _THOUSANDS_PERHAPS.fullmatch(cell) for (_, column), cell in commas
    )
    if not is_decimal:
        decimal, thousand = cell.replace(",", "."), cell.replace(",", "")
        raise table.error(line, f"{column} {cell!r} may be {decimal} or {thousand}; write it with a point, or without")


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); name a CSV file") from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        raise UserError(f"{path} is no CSV table (it is no text in UTF-8); save it as CSV in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path} is no CSV table (line {line} is not in UTF-8); save it as CSV in UTF-8") from None


@contextmanager
def _cells_of_any_length(text: str) -> Iterator[None]:
    """The csv module has one limit for all readers; a column that nobody asks for may hold whole documents."""
    before = csv.field_size_limit(len(text) + 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _reader(text: str, separator: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)


def _header(text: str, separator: str) -> list[str]:
    """The plain names of the columns; none where the first row cannot be read like this."""
    try:
        return [plain_name(name) for name in next(filter(_is_filled, _reader(text, separator)), [])]
    except csv.Error:
        return []


def _is_filled(row: Sequence[str]) -> bool:
    return any(cell.strip("\ufeff").strip() for cell in row)


def _rows(path: Path, text: str, separator: str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with its first line."""
    reader, found, line = _reader(text, separator), [], 1
    try:
        for row in reader:
            if _is_filled(row):
                found.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{path}, line {line}: no CSV row ({error}); mend its quotation marks") from None
    return found


def _check_unique(path: Path, line: int, names: Sequence[str], known: Collection[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1 and name in known:
            places = " and ".join(str(place) for place, each in enumerate(names, start=1) if each == name)
            raise UserError(f"{path}, line {line}: columns {places} are both called {name}; keep one")


def _shown(header: Sequence[str], most: int = 12) -> str:
    more = f" and {len(header) - most} more" if len(header) > most else ""
    return ", ".join(name.strip() or "''" for name in header[:most]) + more


def _frame(path: Path, names: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> pd.DataFrame:
    width = len(names)
    for line, row in rows:
        if _is_filled(row[width:]):
            problem = f"{len(row)} cells, more than the header's {width}"
            raise UserError(f"{path}, line {line}: {problem}; mend its separators (or quote cells that have some)")
    cells = [[cell.strip() for cell in (row + [""] * width)[:width]] for _, row in rows]
    table = pd.DataFrame(cells, columns=list(names), index=[line for line, _ in rows], dtype="str")
    return table.loc[:, ~table.columns.duplicated()]
