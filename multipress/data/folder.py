"""Read one split from a folder of Parquet, CSV, TSV or JSONL files."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from multipress.core.errors import UserError

Columns = dict[str, pyarrow.Array]
"""Arrays of equal length by column name, in the types of the file: CSV and TSV hold only strings."""


def find_split(folder: str | Path, name: str) -> Path:
    """The file ``<folder>/<name>.<extension>`` of a split.

    Raises:
        UserError: the folder or the file is missing, or there are several.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"folder {folder} is missing: create it, or set data.folder (or the task's folder) to yours")
    candidates = [folder / f"{name}{extension}" for extension in _READERS]
    found = [path for path in candidates if path.is_file()]
    if not found:
        looked_for = ", ".join(path.name for path in candidates)
        raise UserError(f"{folder} has no file for split {name!r}: looked for {looked_for}; add one or change splits")
    if len(found) > 1:
        raise UserError(f"{folder} has several files for split {name!r}: {', '.join(map(str, found))}; keep one")
    return found[0]


def read_columns(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> Columns:
    """Read the required columns of a file, and those optional ones that it has.

    Raises:
        UserError: the file is malformed, not UTF-8 or without rows, or a required column is missing.
    """
    wanted = [*required, *(name for name in optional if name not in required)]
    columns = _READERS[path.suffix](path, wanted, required)
    if not len(columns[required[0]]):
        raise UserError(f"{path} has no data rows: add some, or remove the split")
    return columns


def _read_parquet(path: Path, wanted: Sequence[str], required: Sequence[str]) -> Columns:
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            _require(path, required, names)
            table = file.read(columns=[name for name in wanted if name in names])
        table.validate(full=True)
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(f"{path} cannot be read as Parquet: {_first_line(error)}; write or fetch it again") from None
    return {name: table.column(name).combine_chunks() for name in table.column_names}


def _read_csv(path: Path, wanted: Sequence[str], required: Sequence[str]) -> Columns:
    return _read_delimited(path, wanted, required, delimiter=",", quoting=csv.QUOTE_MINIMAL)


def _read_tsv(path: Path, wanted: Sequence[str], required: Sequence[str]) -> Columns:
    # GLUE's TSV files hold bare quotation marks, so nothing is quoted.
    return _read_delimited(path, wanted, required, delimiter="\t", quoting=csv.QUOTE_NONE)


def _read_delimited(
    path: Path, wanted: Sequence[str], required: Sequence[str], delimiter: str, quoting: Any
) -> Columns:
    reader = csv.reader(_lines(path), delimiter=delimiter, quoting=quoting, strict=True)
    try:
        header = next(reader, [])
        _require(path, required, header)
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: malformed ({error}); fix the line") from None
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise UserError(
                f"{path}, row {number}: {len(row)} columns where the header has {len(header)}; "
                "fix the row (a missing or stray delimiter or quote?)"
            )
    indices = {name: header.index(name) for name in wanted if name in header}
    return {name: pyarrow.array([row[index] for row in rows], pyarrow.string()) for name, index in indices.items()}


def _read_jsonl(path: Path, wanted: Sequence[str], required: Sequence[str]) -> Columns:
    rows = [_json_object(path, number, line) for number, line in enumerate(_lines(path), start=1) if line.strip()]
    names = [name for name in wanted if any(name in row for row in rows)]
    _require(path, required, list(rows[0]) if rows else [])
    return {name: _json_column(path, name, [row.get(name) for row in rows]) for name in names}


def _json_object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}, line {number}: malformed JSON ({error}); fix the line") from None
    if not isinstance(value, dict):
        raise UserError(f"{path}, line {number}: holds {line.strip()[:40]!r}; each line must be one JSON object")
    return value


def _json_column(path: Path, name: str, values: list[Any]) -> pyarrow.Array:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [value if value is None else float(value) for value in values]
    try:
        return pyarrow.array(values)
    except (pyarrow.ArrowException, OverflowError, ValueError):
        mixed = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise UserError(f"{path}, column {name!r}: mixes or overflows types ({mixed}); use one type") from None


def _lines(path: Path) -> io.StringIO:
    """The text of a file; its lines end where the file's format says, not at Unicode separators."""
    try:
        data = path.read_bytes()
        return io.StringIO(data.decode("utf-8-sig"), newline="")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; check its permissions") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}, line {line}: not UTF-8 ({error.reason}); convert the file to UTF-8") from None


def _require(path: Path, required: Sequence[str], names: Sequence[str]) -> None:
    if not names:
        raise UserError(f"{path} is empty: add a header and rows, or remove the split")
    for name in required:
        if name not in names:
            raise UserError(
                f"{path} has no column {name!r}: it has {', '.join(names)}; rename one, or change the task's columns"
            )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


_READERS: dict[str, Callable[[Path, Sequence[str], Sequence[str]], Columns]] = {
    ".parquet": _read_parquet,
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".jsonl": _read_jsonl,
}
