"""How the trainings of each stage went, on average: curves over their progress."""

import numpy as np
import pandas as pd

from multipress.evaluation.training_histories import MEASURES, STAGES, stage_of

PROGRESS = range(0, 101, 5)
"""Percent of a training."""


def training_summary(histories: pd.DataFrame) -> pd.DataFrame:
    """A row for each of ``PROGRESS``: it, and ``{stage}_loss`` and ``{stage}_dev_score`` of each stage that occurs.

    Each is the mean over all trainings of the stage, whatever their task, architecture, seed and lineage, of what their
    curves are there: linear between the rows of a history, level before its first value and after its last. A training
    that has no such value is left out of the mean; NaN where none of a stage has any.

    Args:
        histories: The table that ``read_histories`` makes.
    """
    stages = histories["recipe"].map(stage_of)
    means = {
        f"{stage}_{measure}": _mean(histories[stages == stage], measure)
        for stage in STAGES
        if (stages == stage).any()
        for measure in MEASURES
    }
    return pd.DataFrame({"progress": PROGRESS} | means)


def _mean(histories: pd.DataFrame, measure: str) -> np.ndarray:
    trainings = histories.groupby(["task", "arch", "seed", "recipe"])
    curves = [_curve(rows, measure) for _, rows in trainings if rows[measure].notna().any()]
    return np.mean(curves, axis=0) if curves else np.full(len(PROGRESS), np.nan)


def _curve(rows: pd.DataFrame, measure: str) -> np.ndarray:
    """The values of one training at ``PROGRESS``."""
    percent = 100 * rows["epoch"] / rows["epoch"].max()
    known = rows[measure].notna()
    return np.interp(PROGRESS, percent[known], rows.loc[known, measure])
