"""The paper's published numbers, from the files of ``reference/``."""

import shlex
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from multipress.core import csv_tables
from multipress.core.errors import UserError

REFERENCE = Path(__file__).parent / "reference"
"""Folder of the files."""

PAPER_METHODS = ["QAT", "KD", "MP", "QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"]
"""The columns of its Table 1: every subset of its three compressions."""

PSEUDO_TASK = "glue"
"""The task of the results that Figure 1 makes: the mean over all eight."""


@dataclass(frozen=True)
class Paper:
    """Numbers of Movva et al. (2022)."""

    table1: pd.DataFrame
    """Ratios as printed: architectures by ``PAPER_METHODS``."""
    figure1: pd.DataFrame
    """Columns arch, recipe, size_mb, score and precision (points): means over GLUE, digitized."""

    @property
    def ratios(self) -> np.ndarray:
        """Table 1 as an array of shape (archs, PAPER_METHODS)."""
        return self.table1.to_numpy()

    def results(self) -> pd.DataFrame:
        """Figure 1 as results of one pseudo-task and one seed, in the columns that ``results_file`` reads."""
        table = self.figure1.rename(columns={"size_mb": "paper_mb"}).drop(columns="precision")
        return table.assign(task=PSEUDO_TASK, seed=0)


def read_paper(folder: Path = REFERENCE) -> Paper:
    """Read the files that ``reference/README.md`` describes.

    Raises:
        UserError: a file is missing or lacks a column.
    """
    names = ["arch", "recipe"]
    table1 = read_published(folder / "table1.csv", ["arch", "size_mb", *PAPER_METHODS], names)
    figure1 = read_published(folder / "figure1.csv", ["arch", "recipe", "size_mb", "score", "precision"], names)
    return Paper(table1.set_index("arch")[PAPER_METHODS], figure1)


def read_published(path: Path, columns: list[str], text: Collection[str]) -> pd.DataFrame:
    """Read these columns of a file of ``reference/``; all but those in ``text`` must hold numbers.

    Raises:
        UserError: the file is missing, lacks a column, or has text among its numbers.
    """
    remedy = f"restore it: cd {shlex.quote(str(path.parent))} && git checkout {path.name}"
    try:
        table = csv_tables.load(path, columns, dtype=dict.fromkeys(text, str), unknown=["", "NA"])[columns]
    except csv_tables.TableError as error:
        raise UserError(f"{path} holds no published numbers ({error.reason}); {remedy}") from None
    if texts := [column for column in table if column not in text and not is_numeric_dtype(table[column])]:
        raise UserError(f"{path}: {', '.join(texts)} must hold numbers alone; {remedy}")
    return table
