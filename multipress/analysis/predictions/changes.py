"""What changes below the mean: which rows a model answers otherwise than its parent and than ft, and how sure it is.

All shares are of the dev rows, each a mean over seeds.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.grid import BASELINE
from multipress.analysis.prediction_tables import CHANGES
from multipress.analysis.predictions.significance import references
from multipress.analysis.predictions.stored import DEV, Cell, Rows
from multipress.compression import recipes
from multipress.compression.recipes import Variants

_MISMATCHED = f"{DEV}_mismatched"
"""MNLI's rows of other genres."""


def changes_of_cell(cell: Cell, variants: Variants) -> list[dict[str, Any]]:
    """A row for each recipe of a (task, arch)."""
    return [_changes(cell, recipe, variants) for recipe in cell.models]


def changes_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table of all cells' rows."""
    table = pd.DataFrame(rows).reindex(columns=list(CHANGES.columns))
    return table.astype(dict.fromkeys(["lost_by_most", "rarest_label", "n_rows", "n_seeds"], "Int64"))


def _changes(cell: Cell, recipe: str, variants: Variants) -> dict[str, Any]:
    held_to, seeds = references(cell, recipe), cell.seeds(recipe)
    row: dict[str, Any] = {
        "task": cell.task,
        "arch": cell.arch,
        "recipe": recipe,
        "subset": recipes.subset(recipe, variants),
        "parent": recipes.parent(recipe) or "",
    }
    if cell.is_classification:
        for against, reference in held_to.items():
            row |= {f"{name}_{against}": value for name, value in _churn(cell, reference, recipe).items()}
        if "ft" in held_to:
            row["lost_by_most"] = _lost_by_most(cell, recipe)
        row |= _of_model(cell, recipe, seeds)
    notes = "; ".join(_notes(cell, recipe, len(seeds)))
    return row | {"n_rows": len(cell.labels), "n_seeds": len(seeds), "note": notes}


def _notes(cell: Cell, recipe: str, n_seeds: int) -> Iterator[str]:
    if not cell.is_classification:
        yield "a regression: no row is right or wrong"
    elif recipe != BASELINE and BASELINE in cell.models and n_seeds == 1:
        yield "one seed: most seeds are that one"


def _churn(cell: Cell, reference: str, recipe: str) -> dict[str, float]:
    """Shares of rows: answered otherwise, lost and won; the rest of the former is wrong before and after."""
    seeds = cell.seeds(reference, recipe)
    if not seeds:
        return {}
    first, second = cell.stacked(reference, seeds), cell.stacked(recipe, seeds)
    was_right, is_right = first == cell.labels, second == cell.labels
    return {
        "churn": float((first != second).mean()),
        "right_to_wrong": float((was_right & ~is_right).mean()),
        "wrong_to_right": float((~was_right & is_right).mean()),
    }


def _lost_by_most(cell: Cell, recipe: str) -> int:
    """Rows that more than half of ft's seeds answer right, and more than half of the recipe's wrong.

    They are the exemplars that Hooker et al. (2019) call identified by compression.
    """
    right = [cell.stacked(name, cell.seeds(name)) == cell.labels for name in (BASELINE, recipe)]
    was_right, is_wrong = right[0].mean(axis=0) > 0.5, right[1].mean(axis=0) < 0.5
    return int((was_right & is_wrong).sum())


def _of_model(cell: Cell, recipe: str, seeds: list[int]) -> dict[str, float]:
    """What a model alone says: the rarest class and calibration."""
    labels, counts = np.unique(cell.labels, return_counts=True)
    rarest = labels[counts.argmin()]
    of_rarest = cell.labels == rarest
    models = [cell.models[recipe][seed] for seed in seeds]
    found = [each for model in models if (each := model[DEV].calibration)]
    row = {
        "rarest_label": int(rarest),
        "rarest_recall": float((cell.stacked(recipe, seeds)[:, of_rarest] == rarest).mean()),
        "ece": float(np.mean([each.ece for each in found])),
        "brier": float(np.mean([each.brier for each in found])),
    }
    if all(_MISMATCHED in model for model in models):
        gaps = [_accuracy(model[_MISMATCHED]) - _accuracy(model[DEV]) for model in models]
        row["mismatched_minus_matched"] = 100 * float(np.mean(gaps))
    return row


def _accuracy(rows: Rows) -> float:
    return float((rows.predictions == rows.labels).mean())
