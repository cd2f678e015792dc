"""Find what the rows have in common that compressed models lose: lost_rows.csv, by features of rows and recipe."""

import argparse
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from multipress.analysis.predictions.lost_rows import lost_rows_of_cell, lost_rows_table
from multipress.analysis.predictions.stored import DEV, cells, runs_of
from multipress.analysis.table_files import write
from multipress.core.settings import Section
from multipress.data.prepared import read_rows, read_task
from multipress.data.row_features import row_features
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """Which recipes are looked at."""

    recipes: list[str]
    confidence: float = Field(0.95, ge=0.5, le=0.999)


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the table."""
    rows: list[dict[str, Any]] = []
    features_of = cache(lambda task: _features(arguments.data / task))  # architectures share a task's
    for cell in cells(runs_of(arguments.predictions)):
        rows += lost_rows_of_cell(cell, params.recipes, *features_of(cell.task), params.confidence)
    write(arguments.output, lost_rows_table(rows))
    print(f"{len(rows)} rows: {arguments.output}")


def _features(folder: Path) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Numbers of a task's dev rows and, where it has classes, what can be said of each."""
    dev, labels = read_rows(folder / f"{DEV}.parquet"), read_task(folder / "task.json").labels
    features = row_features(dev, read_rows(folder / "train.parquet"), labels) if labels else {}
    return dev["idx"].to_numpy(), features


if __name__ == "__main__":
    command = parser(__doc__)
    command.add_argument(
        "--predictions",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="predictions.parquet of each evaluation job, in its folder task/arch/seed1",
    )
    add_paths(command, data="folder of the prepared tasks", output="CSV file to write")
    run(main, Params, command)
