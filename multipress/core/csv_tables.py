"""Read and write CSV tables; what is wrong with a file is known in one line.

``read`` and ``write`` serve the project's own tables; ``load`` serves readers that have a message of their own.
"""

import warnings
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

import pandas as pd

from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.core.table import Table

DECIMALS = 6
"""Of numbers in tables, where nothing else is said."""


class Fault(Enum):
    """What can be wrong with a file that should be a table."""

    MISSING = auto()
    UNREADABLE = auto()
    RAGGED = auto()
    """All rows have more cells than the header, so that pandas would take the first ones for an index."""
    MALFORMED = auto()
    INCOMPLETE = auto()
    """A column is missing."""


@dataclass(eq=False)
class TableError(Exception):
    """A file is not the table that it should be."""

    fault: Fault
    problem: str
    """Continues the file's path to a sentence: ``has no column score``."""
    reason: str
    """The cause alone, on one line."""


def load(
    path: Path, columns: Collection[str] = (), dtype: Any = None, unknown: Collection[str] = (), encoding: str = "utf-8"
) -> pd.DataFrame:
    """Read a CSV table.

    Args:
        path: The file.
        columns: Columns that it must have.
        dtype: Types of columns, as pandas takes them; others follow from their cells.
        unknown: Texts of cells that become NaN; all others stay as they are.
        encoding: Of the file.

    Raises:
        TableError: the file is missing, cannot be read, is no table, or lacks a column.
    """
    table = _parse(path, dtype=dtype, keep_default_na=False, na_values=list(unknown), encoding=encoding)
    if absent := [column for column in columns if column not in table]:
        reason = f"no column {', '.join(absent)}"
        raise TableError(Fault.INCOMPLETE, f"has {reason}", reason)
    return table


def _parse(path: Path, **options: Any) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # that cells beyond the header are dropped
            return pd.read_csv(path, index_col=False, **options)
    except OSError as error:
        fault = Fault.MISSING if isinstance(error, FileNotFoundError) else Fault.UNREADABLE
        raise TableError(fault, f"cannot be read ({error.strerror})", str(error)) from None
    except pd.errors.ParserWarning:
        raise _no_table(Fault.RAGGED, "rows have more cells than the header") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, EOFError, zlib.error) as error:
        raise _no_table(Fault.MALFORMED, " ".join(str(error).split())) from None


def _no_table(fault: Fault, reason: str) -> TableError:
    return TableError(fault, f"is no CSV table ({reason})", reason)


def read(path: Path, columns: Collection[str], maker: str, text: Collection[str] = ()) -> pd.DataFrame:
    """Read a table that ``write`` wrote with empty cells for what is unknown.

    Args:
        path: The file.
        columns: Columns that it must have.
        maker: What to rerun where the file is not as it should be, such as ``the rule tabulate``.
        text: Columns that are text even where every cell is a number; their empty cells are empty texts, not NaN.

    Raises:
        UserError: the file is missing, cannot be read, is no table, or lacks a column.
    """
    try:
        table = load(path, columns, dtype=dict.fromkeys(text, str), unknown=[""])
    except TableError as error:
        problem = "is missing" if error.fault is Fault.MISSING else error.problem
        is_there = error.fault not in (Fault.MISSING, Fault.UNREADABLE)
        raise UserError(f"{path} {problem}; {'delete it and ' if is_there else ''}rerun {maker}") from None
    return table.fillna({column: "" for column in text if column in table})


def read_as(table: Table, path: Path, maker: str) -> pd.DataFrame:
    """Read a table of a known kind, as ``read`` does."""
    return read(path, table.columns, maker, table.text)


def write(
    path: Path, table: pd.DataFrame, decimals: Callable[[str], int] = lambda _: DECIMALS, unknown: str = ""
) -> None:
    """Write a table as CSV, replacing the file at once.

    Args:
        path: The file.
        table: The table; its index is left out.
        decimals: Decimals of a column of floats, by its name.
        unknown: Text of a cell that is NaN.
    """
    rounding = {column: decimals(column) for column in table.select_dtypes("float")}
    with replacing(path) as temporary:
        table.round(rounding).to_csv(temporary, index=False, na_rep=unknown, lineterminator="\n")
