"""The tables of probes as files."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from multipress.core import csv_tables
from multipress.dissection.probes.tables import PROBES, WHOLE_NUMBERS

_DECIMALS = 6


def gather(files: Iterable[Path]) -> pd.DataFrame:
    """The rows of all models.

    Raises:
        UserError: a file is missing or no such table.
    """
    parts = [csv_tables.read(file, PROBES.columns, "the rule probe", PROBES.text) for file in files]
    return pd.concat([part.astype(WHOLE_NUMBERS) for part in parts], ignore_index=True)


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table.

    Raises:
        UserError: the file cannot be written.
    """
    csv_tables.write(path, table, lambda _: _DECIMALS)
