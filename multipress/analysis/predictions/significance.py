"""Each model against its parent and against ft of the same (task, arch): how sure is the difference of their scores?"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.grid import BASELINE
from multipress.analysis.holm import holm
from multipress.analysis.prediction_tables import SIGNIFICANCE
from multipress.analysis.predictions.pair_tests import mcnemar_mid_p
from multipress.analysis.predictions.paired import Answers, Resampling, answers, difference
from multipress.analysis.predictions.stored import Cell
from multipress.analysis.predictions.weighted_scores import Score
from multipress.compression import recipes

_P = {"p_holm": "p", "mcnemar_holm": "mcnemar_p"}
"""Adjusted p values, each with what is adjusted."""


def references(cell: Cell, recipe: str) -> dict[str, str]:
    """What a recipe is held to: as ``parent`` the recipe less its last step, as ``ft`` the fine-tuned model."""
    found = {"parent": recipes.parent(recipe), "ft": BASELINE}
    return {against: name for against, name in found.items() if name in cell.models and name != recipe}


def significance_of_cell(cell: Cell, metric: str, resampling: Resampling, confidence: float) -> list[dict[str, Any]]:
    """A row for each model and each that it is held to, without the adjusted p values."""
    score = Score(metric, cell.n_labels)
    models = answers(score, cell.labels, cell.predictions(), resampling)
    known: dict[tuple[str, str], dict[str, Any]] = {}
    rows = []
    for recipe in cell.models:
        for against, reference in references(cell, recipe).items():
            seeds = cell.seeds(reference, recipe)
            if not seeds:
                continue
            if (reference, recipe) not in known:
                first, second = ([models[name, seed] for seed in seeds] for name in (reference, recipe))
                known[reference, recipe] = _compare(cell, score, first, second, confidence)
            row = {"task": cell.task, "arch": cell.arch, "recipe": recipe, "against": against, "reference": reference}
            rows.append(row | {"metric": metric, **known[reference, recipe]})
    return rows


def _compare(
    cell: Cell, score: Score, first: Sequence[Answers], second: Sequence[Answers], confidence: float
) -> dict[str, Any]:
    found = difference(score, cell.labels, first, second)
    low, high = found.interval(confidence)
    row: dict[str, Any] = {"difference": found.value, "low": low, "high": high, "p": found.p}
    before, after = (np.stack([each.predictions for each in model]) for model in (first, second))
    if cell.is_classification:
        was_right, is_right = before == cell.labels, after == cell.labels
        lost, won = int((was_right & ~is_right).sum()), int((~was_right & is_right).sum())
        row |= {"right_to_wrong": lost, "wrong_to_right": won, "mcnemar_p": mcnemar_mid_p(lost, won)}
    notes = "; ".join(_notes(len(first), bool((before == after).all()), cell.is_classification))
    return row | {"n_rows": len(cell.labels), "n_seeds": len(first), "note": notes}


def _notes(n_seeds: int, is_same: bool, is_classification: bool) -> Iterator[str]:
    if n_seeds == 1:
        yield "one seed: what another would change is not in it"
    if is_same:
        yield "no prediction differs"
    if not is_classification:
        yield "a regression: no row is right or wrong"


def significance_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table of all cells' rows; p values are adjusted over all rows with the same ``against``."""
    table = pd.DataFrame(rows).reindex(columns=list(SIGNIFICANCE.columns))
    for adjusted, p in _P.items():
        table[adjusted] = table.groupby("against")[p].transform(lambda family: holm(family.to_numpy(np.float64)))
    counts = ["right_to_wrong", "wrong_to_right", "n_rows", "n_seeds"]
    return table.astype(dict.fromkeys(counts, "Int64"))
