"""Do losses add up? What a combination costs in score against the sum of what its single methods cost."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis import verdicts
from multipress.analysis.experiment import Experiment, listed, no_interval
from multipress.analysis.grid import Grid
from multipress.analysis.interaction import COMBINATIONS
from multipress.analysis.tables import INTERACTION_SCORE
from multipress.analysis.verdicts import POOLED
from multipress.compression import recipes
from multipress.compression.recipes import METHODS


def representatives(grid: Grid) -> dict[str, int]:
    """The recipe (its place) that stands for each method: the strongest sparsity and the fewest bits that all have.

    All: every architecture, in every subset of compressions that it has and that prunes or quantizes. A method without
    such a recipe is absent.
    """
    strongest = max(_shared(grid, "MP", recipes.sparsity), default=None)
    fewest = min(_shared(grid, "QAT", recipes.bits), default=None)
    wanted = {"MP": (recipes.sparsity, strongest), "QAT": (recipes.bits, fewest)}

    def stands(recipe: str, method: str) -> bool:
        return all(value(recipe) == best for part, (value, best) in wanted.items() if part in method.split("+"))

    found = {method: [at for at in grid.curve(method) if stands(grid.recipes[at], method)] for method in METHODS}
    return {method: places[0] for method, places in found.items() if places}


def _shared(grid: Grid, part: str, value: Callable[[str], float]) -> set[float]:
    """Sparsities or bits that each architecture has in each of its subsets that contain ``part``."""
    present = ~np.isnan(grid.scores).all(axis=(0, 3))
    subsets = [method for method in METHODS if part in method.split("+")]
    held = [
        {value(grid.recipes[recipe]) for recipe in grid.curve(method) if present[arch, recipe]}
        for arch in range(len(grid.archs))
        for method in subsets
    ]
    held = [values for values in held if values]
    return set.intersection(*held) if held else set()


def losses(grid: Grid, scores: np.ndarray) -> np.ndarray:
    """Points lost against the uncompressed model: (…, archs, recipes) → (…, archs, methods); NaN where unknown."""
    result = np.full((*scores.shape[:-1], len(METHODS)), np.nan)
    if grid.baseline is not None:
        for method, recipe in representatives(grid).items():
            result[..., METHODS.index(method)] = scores[..., grid.baseline] - scores[..., recipe]
    return result


def averaged(values: np.ndarray) -> np.ndarray:
    """Append the mean over architectures: shape (…, archs, k) → (…, archs + 1, k)."""
    return np.concatenate([values, values.mean(axis=-2, keepdims=True)], axis=-2)


def sums(values: np.ndarray) -> np.ndarray:
    """The sum of the single methods' losses for each combination: (…, methods) → (…, combinations)."""
    parts = [[METHODS.index(single) for single in name.split("+")] for name in COMBINATIONS]
    return np.stack([values[..., places].sum(axis=-1) for places in parts], axis=-1)


def beyond_sum(values: np.ndarray) -> np.ndarray:
    """What combinations lose beyond the sum, below 0 where they lose less: (…, methods) → (…, combinations)."""
    return values[..., [METHODS.index(name) for name in COMBINATIONS]] - sums(values)


def interaction_score(study: Experiment) -> pd.DataFrame:
    """A row for each architecture and ``pooled`` (the mean over architectures), and each combination; in points."""
    grid, settings = study.grid, study.settings
    estimate = study.outcomes.estimate(losses(grid, study.outcomes.scores)).then(averaged)
    low, high = estimate.then(beyond_sum).interval(settings.confidence)
    lost, difference, total = estimate.observed, beyond_sum(estimate.observed), sums(estimate.observed)
    return pd.DataFrame(
        [
            {
                "arch": arch,
                "combination": name,
                "recipe": _recipe(grid, name),
                "loss": lost[row, METHODS.index(name)],
                "sum": total[row, column],
                "difference": difference[row, column],
                "low": low[row, column],
                "high": high[row, column],
                "verdict": verdicts.loss_verdict(low[row, column], high[row, column], settings.equivalence),
                "n_tasks": len(grid.tasks),
                "n_seeds": grid.n_seeds,
                "note": missing(grid, row, name) or no_interval(study, low[row, column]),
            }
            for row, arch in enumerate([*grid.archs, POOLED])
            for column, name in enumerate(COMBINATIONS)
        ],
        columns=INTERACTION_SCORE.columns,
    )


def _recipe(grid: Grid, method: str) -> Any:
    place = representatives(grid).get(method)
    return float("nan") if place is None else grid.recipes[place]


def missing(grid: Grid, row: int, name: str) -> str:
    """What the losses of a combination and its parts lack, at an architecture or (beyond the last) at any."""
    if grid.baseline is None:
        return "no model is uncompressed (ft)"
    stand = representatives(grid)
    if absent := [method for method in [*name.split("+"), name] if method not in stand]:
        return f"no recipe of {', '.join(absent)} that all architectures have"
    archs = [row] if row < len(grid.archs) else range(len(grid.archs))
    used = [grid.baseline, *(stand[method] for method in [*name.split("+"), name])]
    gaps = (grid.lacks(task, arch, recipe) for task in range(len(grid.tasks)) for arch in archs for recipe in used)
    return listed([gap for gap in gaps if gap])
