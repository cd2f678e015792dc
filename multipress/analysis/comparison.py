"""Our numbers beside the paper's: Table 1 as printed, Figure 1 as differences to the uncompressed model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment
from multipress.analysis.grid import BASELINE, grid
from multipress.analysis.paper import PAPER_METHODS, PSEUDO_TASK, Paper
from multipress.analysis.pareto import models
from multipress.analysis.score_losses import representatives
from multipress.analysis.table1 import table1
from multipress.analysis.tables import PAPER_COMPARISON
from multipress.compression import recipes
from multipress.data.glue import GLUE

_DECIMALS = 9
"""Decimals that decide ranks; means over seeds are not exact beyond."""

PRINTED = 0.05
"""Half of the last printed digit of Table 1."""


def comparison(study: Experiment, paper: Paper, synthetic: bool = False, metrics: Sequence[str] = ()) -> pd.DataFrame:
    """A row for each number of the paper.

    The paper's are means over the eight GLUE tasks. Ours are held to them only where they are means over the same
    scores; over other tasks or metrics, and where any task is made up (``synthetic``), they stay NaN. ``metrics`` names
    the metrics of tasks that are not the paper's.

    ``quantity`` is ``ratio`` (Table 1) or ``score difference`` (Figure 1: points gained over the uncompressed model);
    ``precision`` says how exact the paper's number is. ``rank_correlation`` is Spearman's between ours and the
    paper's over the eight subsets of the architecture, the uncompressed model included, with one recipe for each
    subset; NaN unless all eight are there. Ours are NaN, and ``note`` says why, where the results do not hold them.
    """
    table = pd.DataFrame([*_ratios(study, paper), *_scores(study, paper)], columns=PAPER_COMPARISON.columns)
    if unlike := _unlike(study, synthetic, metrics):
        table[["ours", "rank_correlation"]] = np.nan
        table["note"] = unlike
    table["difference"] = table["ours"] - table["paper"]
    return table


def _unlike(study: Experiment, synthetic: bool, metrics: Sequence[str]) -> str:
    """Why means over these tasks are no peers of the paper's; empty if they are."""
    tasks = study.grid.tasks
    if synthetic:
        return "the data are synthetic"
    if study.settings.score != "accuracy":
        return f"the paper's scores are accuracies; these are {study.settings.score}'s (analyze.score)"
    if metrics:
        return f"the paper's scores are by other metrics than {', '.join(metrics)}"
    if set(tasks) in ({PSEUDO_TASK}, set(GLUE)):
        return ""
    return f"the paper's tasks are {', '.join(GLUE)}; these are {', '.join(tasks)}"


def _ratios(study: Experiment, paper: Paper) -> list[dict[str, Any]]:
    ours = table1(study).set_index("arch").reindex(columns=PAPER_METHODS)
    rows = []
    for arch, theirs in paper.table1.iterrows():
        is_known = arch in study.grid.archs
        mine = ours.loc[arch].astype(float) if is_known else pd.Series(np.nan, PAPER_METHODS)
        gaps = study.missing(study.grid.archs.index(arch), PAPER_METHODS) if is_known else f"no results of {arch}"
        correlation = spearman(np.append(mine, 1.0), np.append(theirs, 1.0))
        for method in PAPER_METHODS:
            note = gaps if np.isnan(mine[method]) else _flat(study, arch)
            rows.append(_row("ratio", arch, method, "", mine[method], theirs[method], PRINTED, correlation, note))
    return rows


def _flat(study: Experiment, arch: str) -> str:
    """Which scores of an architecture tell no model from another."""
    return study.flat(study.grid.archs.index(arch))


def _scores(study: Experiment, paper: Paper) -> list[dict[str, Any]]:
    theirs = paper.figure1.set_index(["arch", "recipe"])
    mine = models(study.grid).set_index(["arch", "recipe"])
    gains, their_gains = _gains(mine["score"]), _gains(theirs["score"])
    one_each = [BASELINE, *_one_each(paper)]
    rows = []
    for arch, recipe in theirs.index:
        if recipe == BASELINE:
            continue
        correlation = spearman(*(_at(values, arch, one_each) for values in (gains, their_gains)))
        # Both ends of a difference are read off the figure.
        precision = theirs.loc[(arch, recipe), "precision"] + theirs.loc[(arch, BASELINE), "precision"]
        gain = gains.get((arch, recipe), np.nan)
        note = _unknown(mine, arch, recipe) if np.isnan(gain) else _flat(study, arch)
        subset, their_gain = recipes.subset(recipe), their_gains[arch, recipe]
        rows.append(_row("score difference", arch, subset, recipe, gain, their_gain, precision, correlation, note))
    return rows


def _one_each(paper: Paper) -> list[str]:
    """The recipe that stands for each subset where the paper's are compared."""
    theirs = grid(paper.results())
    return [theirs.recipes[recipe] for recipe in representatives(theirs).values()]


def _gains(scores: pd.Series) -> pd.Series:
    """Points over the uncompressed model of the architecture; index (arch, recipe)."""
    archs = scores.index.get_level_values("arch")
    baseline = scores[scores.index.get_level_values("recipe") == BASELINE].droplevel("recipe")
    return scores - baseline.reindex(archs).to_numpy()


def _at(gains: pd.Series, arch: str, names: list[str]) -> np.ndarray:
    return np.array([gains.get((arch, name), np.nan) for name in names], dtype=float)


def _unknown(mine: pd.DataFrame, arch: str, recipe: str) -> str:
    notes = [
        mine.loc[(arch, name), "note"] if (arch, name) in mine.index else f"no results of {arch}/{name}"
        for name in (BASELINE, recipe)
    ]
    return "; ".join(note for note in notes if note)


def spearman(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Spearman's rank correlation; NaN where a value is unknown or all values of one side are equal.

    Written out, for importing ``scipy.stats`` takes longer than the rest of the analysis.
    """
    sides = [values.round(_DECIMALS) for values in (ours, theirs)]
    if any(np.isnan(values).any() or np.ptp(values) == 0 for values in sides):
        return float("nan")
    return float(np.corrcoef([pd.Series(values).rank() for values in sides])[0, 1])


def _row(*values: Any) -> dict[str, Any]:
    names = ["quantity", "arch", "method", "recipe", "ours", "paper", "precision", "rank_correlation", "note"]
    return dict(zip(names, values, strict=True))
