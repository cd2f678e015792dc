"""Read columns of Parquet files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow
import pyarrow.parquet

from multipress.core.errors import UserError
from multipress.data.column import Column
from multipress.data.headers import chosen


def read_parquet(path: Path, wanted: Sequence[str], required: Sequence[str]) -> dict[str, Column]:
    """The wanted columns that a file has, dictionaries decoded.

    Raises:
        UserError: the file is malformed, or lacks a required column.
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            header = file.schema_arrow.names
            indices = chosen(path, wanted, required, header, lambda index: f"column {index + 1}")
            table = file.read(columns=[header[index] for index in indices.values()])
        table.validate(full=True)
        return {
            name: Column(str(path), name, _plain(table.column(header[index])), partial(_place, name))
            for name, index in indices.items()
        }
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(f"{path} cannot be read as Parquet: {_first_line(error)}; write or fetch it again") from None


def _place(name: str, row: int) -> str:
    return f"row {row + 1}, column {name!r}"


def _plain(column: pyarrow.ChunkedArray) -> pyarrow.Array:
    """One array: strings of any of Arrow's kinds as ``string``, dictionaries decoded."""
    chunks = [_plain_chunk(chunk) for chunk in column.chunks]
    return pyarrow.concat_arrays(chunks) if chunks else pyarrow.array([], column.type)


def _plain_chunk(chunk: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_dictionary(chunk.type):
        return pyarrow.DictionaryArray.from_arrays(chunk.indices, _plain_chunk(chunk.dictionary)).dictionary_decode()
    kinds = (pyarrow.types.is_large_string, pyarrow.types.is_string_view)
    return chunk.cast(pyarrow.string()) if any(is_kind(chunk.type) for is_kind in kinds) else chunk


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
