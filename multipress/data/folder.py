"""Read one split from a folder of Parquet, CSV, TSV or JSONL files."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from multipress.core.errors import UserError
from multipress.data.column import Column
from multipress.data.delimited import CSV, GLUE_TSV, TSV, read_delimited
from multipress.data.jsonl import read_jsonl
from multipress.data.parquet import read_parquet


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


def read_columns(
    path: Path, required: Sequence[str], optional: Sequence[str] = (), published: bool = False
) -> dict[str, Column]:
    """Read the required columns of a file, and those optional ones that it has; all are of equal length.

    Args:
        path: The file.
        required: Columns that it must have.
        optional: Columns that it may have.
        published: Whether its rows are GLUE's, in whose texts a TSV may have the quotation marks of a program.

    Raises:
        UserError: the file is malformed, not UTF-8 or without rows, or a required column is missing or there twice.
    """
    wanted = [*required, *(name for name in optional if name not in required)]
    readers = _READERS | {".tsv": partial(read_delimited, dialect=GLUE_TSV if published else TSV)}
    columns = readers[path.suffix](path, wanted, required)
    if not len(columns[required[0]].values):
        raise UserError(f"{path} has no data rows: add some, or remove the split")
    return columns


_READERS: dict[str, Callable[[Path, Sequence[str], Sequence[str]], dict[str, Column]]] = {
    ".parquet": read_parquet,
    ".csv": partial(read_delimited, dialect=CSV),
    ".tsv": partial(read_delimited, dialect=TSV),
    ".jsonl": read_jsonl,
}
