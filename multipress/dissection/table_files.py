"""Tables of the dissection on disk, with six decimals and empty cells for what is not known."""

from pathlib import Path

import pandas as pd

from multipress.core import csv_tables
from multipress.core.table import Table

_DECIMALS = 6


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV."""
    csv_tables.write(path, table, lambda _: _DECIMALS)


def read(path: Path, table: Table, maker: str = "the rule dissect") -> pd.DataFrame:
    """Read a table that ``write`` wrote; words that are not there are empty, as they were before.

    Raises:
        UserError: the file is missing, is no table, or lacks a column.
    """
    words = [name for name in table.text if name in table.columns]
    found = csv_tables.read(path, table.columns, maker, text=words)
    return found.fillna(dict.fromkeys(words, ""))
