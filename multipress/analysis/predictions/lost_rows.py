"""Which rows compression loses: the rate of loss by what can be said of a row without a model.

A row is lost that most seeds of the uncompressed model answer right, and most of the recipe's wrong. That is after
Hooker et al. (2019), whose rows are those that the seeds of both answer differently.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from multipress.analysis.prediction_tables import LOST_ROWS
from multipress.analysis.predictions.stored import DEV, Cell, cells, runs_of
from multipress.core.errors import UserError
from multipress.data.prepared import read_rows, read_task
from multipress.data.row_features import row_features

ALL = "all rows"
"""The feature that every row has."""

_FIRST = 50
"""Lost rows that are named by their numbers."""


def lost_rows(predictions: Sequence[Path], data: Path, recipes: Sequence[str], confidence: float) -> pd.DataFrame:
    """The table of a study.

    Args:
        predictions: ``predictions.parquet`` of each evaluation job, in its folder ``task/arch/seed1``.
        data: Folder of the prepared tasks.
        recipes: Those that are looked at.
        confidence: Of the intervals.

    Raises:
        UserError: predictions and rows do not belong together, or a file is missing or damaged.
    """
    rows: list[dict[str, Any]] = []
    features_of = cache(lambda task: _features(data / task))  # architectures share a task's
    for cell in cells(runs_of(predictions)):
        rows += lost_rows_of_cell(cell, recipes, *features_of(cell.task), confidence)
    return lost_rows_table(rows)


def _features(folder: Path) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Numbers of a task's dev rows and, where it has classes, what can be said of each."""
    dev, labels = read_rows(folder / f"{DEV}.parquet"), read_task(folder / "task.json").labels
    features = row_features(dev, read_rows(folder / "train.parquet"), labels) if labels else {}
    return dev["idx"].to_numpy(), features


def lost_rows_of_cell(
    cell: Cell, recipes: Sequence[str], idx: np.ndarray, features: Mapping[str, np.ndarray], confidence: float
) -> Iterator[dict[str, Any]]:
    """Rows of the table for each recipe of a (task, arch): one for all of the dev set, then one for each bin.

    Args:
        cell: The models' predictions.
        recipes: Those that are compared with the uncompressed ones that they began as.
        idx: Numbers of the rows that features are of, shape (rows,).
        features: The bin of each row, by the feature's name.
        confidence: Of Wilson's interval.

    Raises:
        UserError: predictions and features are of other rows.
    """
    if cell.is_classification and not np.array_equal(cell.idx, idx):
        raise UserError(f"the predictions of {cell.task} are not of the rows that it has now; rerun the rule evaluate")
    binned = {ALL: np.repeat(ALL, len(idx)), **features}
    for recipe in recipes:
        start = recipe.partition("-")[0]
        if recipe == start:
            continue
        same: dict[str, Any] = {"task": cell.task, "arch": cell.arch, "recipe": recipe, "against": start}
        if reason := _incomparable(cell, recipe, start):
            yield same | {"note": reason}
            continue
        seeds = cell.seeds(start, recipe)
        same |= {"n_seeds": len(seeds), "note": "one seed: most seeds are that one" if len(seeds) == 1 else ""}
        was_right, is_lost = _lost(cell, start, recipe, seeds)
        for feature, bins in binned.items():
            for name in sorted(set(bins.tolist()), key=lambda name: (_least(name), name)):
                here = bins == name
                row = _rate(here, was_right, is_lost, confidence)
                if feature == ALL:
                    row["first_lost"] = " ".join(map(str, cell.idx[is_lost][:_FIRST].tolist()))
                yield same | {"feature": feature, "bin": name} | row


def lost_rows_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table of all cells' rows."""
    table = pd.DataFrame(rows).reindex(columns=list(LOST_ROWS.columns))
    table[list(LOST_ROWS.text)] = table[list(LOST_ROWS.text)].fillna("")
    return table.astype(dict.fromkeys(["n_rows", "right", "lost", "n_seeds"], "Int64"))


def _incomparable(cell: Cell, recipe: str, start: str) -> str:
    """Why nothing can be said of a recipe; empty where something can."""
    if not cell.is_classification:
        return "a regression: no row is right or wrong"
    missing = [name for name in (start, recipe) if name not in cell.models]
    if missing:
        return f"there are no predictions of {' and '.join(missing)}"
    return "" if cell.seeds(start, recipe) else f"{start} and {recipe} have no seed in common"


def _lost(cell: Cell, start: str, recipe: str, seeds: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Whether most seeds of the uncompressed model are right on each row, and whether the recipe loses it."""
    right = [(cell.stacked(name, seeds) == cell.labels).mean(axis=0) for name in (start, recipe)]
    was_right = right[0] > 0.5
    return was_right, was_right & (right[1] < 0.5)


def _rate(here: np.ndarray, was_right: np.ndarray, is_lost: np.ndarray, confidence: float) -> dict[str, Any]:
    right, lost = int((was_right & here).sum()), int((is_lost & here).sum())
    counts = {"n_rows": int(here.sum()), "right": right, "lost": lost}
    if not right:
        return counts
    interval = binomtest(lost, right).proportion_ci(confidence, method="wilson")
    return counts | {"rate": lost / right, "low": float(interval.low), "high": float(interval.high)}


def _least(name: str) -> float:
    """The number that a bin begins with; names come after numbers."""
    try:
        return float(name.partition(" ")[0])
    except ValueError:
        return np.inf
