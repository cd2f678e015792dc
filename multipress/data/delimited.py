"""Read columns of CSV and TSV files.

CSV is quoted as RFC 4180 says. TSV is not quoted at all, as GLUE's files are, in which quotation marks stand alone.
"""

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow

from multipress.core.errors import UserError
from multipress.data.column import Column
from multipress.data.headers import chosen
from multipress.data.text_file import place_in, read_lines

csv.field_size_limit(sys.maxsize)  # the library's own limit is 131,072 characters

_UNQUOTED = "a TSV is read without quoting, as GLUE's are"


@dataclass(frozen=True)
class Dialect:
    """How rows are cut into fields."""

    delimiter: str
    quoted: bool
    refuses_quoting: bool = False
    """Whether a file that looks as if a program had quoted it is refused."""

    def reader(self, lines: Iterator[str]) -> Any:
        """The csv module's reader of this dialect."""
        quoting: Any = csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        return csv.reader(lines, delimiter=self.delimiter, quoting=quoting, strict=True)

    @property
    def field(self) -> re.Pattern[str]:
        """A whole field; of a field whose quotation mark is never closed, nothing."""
        plain = rf"[^{self.delimiter}\r\n]*"
        return re.compile(rf'"(?:[^"]|"")*+"|(?!"){plain}' if self.quoted else plain)


CSV, TSV = Dialect(",", quoted=True), Dialect("\t", quoted=False, refuses_quoting=True)
GLUE_TSV = Dialect("\t", quoted=False)
"""QQP was published with the quotation marks of a program in its texts."""


def read_delimited(path: Path, wanted: Sequence[str], required: Sequence[str], dialect: Dialect) -> dict[str, Column]:
    """The wanted columns that a file has, as strings.

    Raises:
        UserError: the file is malformed, or lacks a required column.
    """
    header, rows = _parse(path, dialect)
    if dialect.refuses_quoting:
        _refuse_quoting(path, header, rows)
    indices = chosen(path, wanted, required, header, lambda index: _place(path, dialect, -1, index))
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise UserError(
                f"{path}, {_place(path, dialect, number, 0)}: {len(row)} columns where the header has {len(header)}; "
                f"fix the row ({_cause(dialect, row)})"
            )
    return {
        name: Column(
            str(path),
            name,
            pyarrow.array([row[index] for row in rows], pyarrow.string()),
            partial(_named_place, path, dialect, index, name),
        )
        for name, index in indices.items()
    }


def _parse(path: Path, dialect: Dialect) -> tuple[list[str], list[list[str]]]:
    try:
        rows = [row for row in dialect.reader(read_lines(path)) if row]
    except csv.Error as error:
        place = _fault(path, dialect)
        raise UserError(f"{path}, {place}: malformed ({error}); fix the quotation marks of this field") from None
    return (rows[0], rows[1:]) if rows else ([], [])


def _cause(dialect: Dialect, row: list[str]) -> str:
    if not dialect.quoted and any(field.startswith('"') for field in row):
        return f"{_UNQUOTED}: no field may hold a tab or a line break; or save the file as CSV"
    return "a missing or stray delimiter or quote?"


def _refuse_quoting(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Refuse a TSV that a program has quoted: taken as it is, its texts would hold quotation marks of nobody's.

    All fields of such a file, or those with a quotation mark, stand in quotation marks, and each within is doubled.
    """
    sure = None
    for number, row in enumerate([header, *rows]):
        for index, field in enumerate(row):
            if '"' not in field:
                continue
            within = field[1:-1]
            if len(field) < 2 or field[0] != '"' or field[-1] != '"' or '"' in within.replace('""', ""):
                return  # no program's quoting
            if sure is None and (number == 0 or '""' in within):
                sure = number - 1, index
    if sure is not None:
        raise UserError(
            f"{path}, {_place(path, TSV, *sure)}: the field is quoted, but {_UNQUOTED}; "
            "save the file as CSV, or without quotation marks"
        )


def _named_place(path: Path, dialect: Dialect, index: int, name: str, row: int) -> str:
    return f"{_place(path, dialect, row, index)} ({name!r})"


def _place(path: Path, dialect: Dialect, row: int, index: int) -> str:
    """Where a field of a 0-based row stands, or of the header, row -1."""
    reader = dialect.reader(read_lines(path))
    start, found = 1, -2
    for fields in reader:
        found += bool(fields)
        if found == row:
            break
        start = reader.line_num + 1
    text = _from_line(path, start)
    position = 0
    for _ in range(index):
        position = _end(dialect, text, position) + 1
    return place_in(text, position, start)


def _fault(path: Path, dialect: Dialect) -> str:
    """The place of the first field that is not quoted as it should be."""
    text, position = read_lines(path).getvalue(), 0
    while position < len(text):
        match = dialect.field.match(text, position)
        if match is None or text[match.end() : match.end() + 1] not in ("", dialect.delimiter, "\r", "\n"):
            break
        position = match.end() + 1
    return place_in(text, position)


def _end(dialect: Dialect, text: str, position: int) -> int:
    match = dialect.field.match(text, position)
    return match.end() if match else position


def _from_line(path: Path, line: int) -> str:
    return "".join(list(read_lines(path))[line - 1 :])
