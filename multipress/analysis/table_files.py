"""Tables of the analysis on disk. What is unknown is ``NA``; an empty cell says that there is nothing to say."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from multipress.analysis import prediction_tables, survey_tables, tables
from multipress.core import csv_tables
from multipress.core.errors import UserError

_TABLES = [*tables.TABLES, *prediction_tables.TABLES, prediction_tables.LOST_ROWS, *survey_tables.TABLES]
_TEXT = {column: str for table in _TABLES for column in table.text}
_UNKNOWN = "NA"


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV with six decimals."""
    csv_tables.write(path, table, unknown=_UNKNOWN)


def read(path: Path, columns: Collection[str], maker: str = "the rule analyze") -> pd.DataFrame:
    """Read a table that ``write`` wrote; NA becomes NaN, an empty cell an empty text.

    Args:
        path: The file.
        columns: Columns that it must have.
        maker: What to rerun where the file is not as it should be.

    Raises:
        UserError: the file is missing, is no table, or lacks one of ``columns``.
    """
    try:
        return csv_tables.load(path, columns, dtype=_TEXT, unknown=[_UNKNOWN])
    except csv_tables.TableError as error:
        raise UserError(f"{path} {error.problem}; rerun {maker}") from None
