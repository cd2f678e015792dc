"""The tables of probes as files."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from multipress.core import csv_tables
from multipress.dissection.probes.tables import PROBES, WHOLE_NUMBERS


def gather_probes(files: Iterable[Path]) -> pd.DataFrame:
    """The rows of all models.

    Raises:
        UserError: a file is missing or no such table.
    """
    parts = [csv_tables.read_as(PROBES, file, "the rule probe") for file in files]
    return pd.concat([part.astype(WHOLE_NUMBERS) for part in parts], ignore_index=True)
