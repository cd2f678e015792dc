"""The table of all latencies."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from multipress.core import csv_tables
from multipress.core.errors import UserError
from multipress.evaluation.tables import LATENCY

_MODEL = ["task", "arch", "recipe", "seed"]


def gather(files: Sequence[Path], results: pd.DataFrame) -> pd.DataFrame:
    """The rows of all ``files``, models in the order in which ``results`` names them; it has their columns, too.

    Raises:
        UserError: a file is missing or no table of latencies, or names a model that ``results`` does not.
    """
    table = pd.concat([read_latencies(file) for file in files], ignore_index=True)
    order = {model: number for number, model in enumerate(_models(results))}
    if unknown := [model for model in _models(table) if model not in order]:
        task, arch, recipe, seed = unknown[0]
        raise UserError(
            f"results.csv has no row for {task}/{arch}/seed{seed}/{recipe}, whose latency was measured: "
            "rerun the rule tabulate"
        )
    rows = pd.Series([order[model] for model in _models(table)]).sort_values(kind="stable").index
    return table.loc[rows].reset_index(drop=True)


def read_latencies(path: Path) -> pd.DataFrame:
    """A table of latencies; names and lengths stay text.

    Raises:
        UserError: the file is missing, is no table, or lacks a column.
    """
    return csv_tables.read_as(LATENCY, path, "the rule that makes it")


def _models(table: pd.DataFrame) -> list[tuple[str, str, str, int]]:
    """Task, architecture, recipe and seed of each row."""
    return list(table[_MODEL].itertuples(index=False, name=None))
