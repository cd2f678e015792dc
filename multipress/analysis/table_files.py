"""Tables of the analysis on disk. What is unknown is ``NA``; an empty cell says that there is nothing to say."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from multipress.analysis.tables import TABLES
from multipress.core import csv_tables
from multipress.core.errors import UserError

_TEXT = {column: str for table in TABLES for column in table.text}
_UNKNOWN = "NA"
_DECIMALS = 6


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV with six decimals."""
    csv_tables.write(path, table, lambda _: _DECIMALS, unknown=_UNKNOWN)


def read(path: Path, columns: Collection[str]) -> pd.DataFrame:
    """Read a table that ``write`` wrote; NA becomes NaN, an empty cell an empty text.

    Raises:
        UserError: the file is missing, is no table, or lacks one of ``columns``.
    """
    try:
        return csv_tables.load(path, columns, dtype=_TEXT, unknown=[_UNKNOWN])
    except csv_tables.TableError as error:
        raise UserError(f"{path} {error.problem}; rerun the rule analyze") from None
