"""Do losses add up? What a combination costs in score against the sum of what its single methods cost."""

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis import verdicts
from multipress.analysis.bootstrap import simultaneous
from multipress.analysis.experiment import Experiment, listed, no_verdict, with_note_on_seeds
from multipress.analysis.grid import BASELINE, Grid
from multipress.analysis.methods import combinations, combine, pick
from multipress.analysis.tables import INTERACTION_SCORE
from multipress.analysis.verdicts import POOLED
from multipress.compression import recipes
from multipress.compression.recipes import recipe_order
from multipress.compression.subsets import parts


def representatives(grid: Grid) -> dict[str, int]:
    """The recipe (its index) that stands for each method: the strongest steps of each kind that are shared by all.

    All: every architecture, in every subset of compressions in which it has steps of this kind. So all methods prune by
    the same percentage and quantize to the same bits. A method without such a recipe is absent.
    """
    shared, found = _shared_steps(grid), {}
    for method in grid.methods:
        if candidates := [recipe for recipe in grid.curve(method) if _steps(grid, recipe) <= shared]:
            found[method] = candidates[0]
    return found


def _shared_steps(grid: Grid) -> set[str]:
    """The strongest step of each kind that each architecture has in each subset that has steps of this kind."""
    present = ~np.isnan(grid.scores).all(axis=(0, 3))
    held: dict[str, list[set[str]]] = defaultdict(list)
    for arch in range(len(grid.archs)):
        for method in grid.methods:
            curve = [recipe for recipe in grid.curve(method) if present[arch, recipe]]
            steps = set().union(*(_steps(grid, recipe) for recipe in curve))
            for kind in {_kind(step) for step in steps}:
                held[kind].append({step for step in steps if _kind(step) == kind})
    shared = [set.intersection(*several) for several in held.values()]
    return {max(steps, key=_strength) for steps in shared if steps}


def _steps(grid: Grid, recipe: int) -> set[str]:
    """The steps of a recipe after its first."""
    return set(recipes.parse(grid.recipes[recipe])[1:])


def _kind(step: str) -> str:
    """A step without its number: ``mp`` of ``mp60``."""
    return step.rstrip("0123456789")


def _strength(step: str) -> Any:
    """A sort key: recipes that differ by this step alone come in this order, the mildest first."""
    return recipe_order(f"{BASELINE}-{step}")


def losses(grid: Grid, scores: np.ndarray) -> np.ndarray:
    """Points lost against the uncompressed model: (…, archs, recipes) → (…, archs, methods); NaN where unknown."""
    result = np.full((*scores.shape[:-1], len(grid.methods)), np.nan)
    if grid.baseline is not None:
        for method, recipe in representatives(grid).items():
            result[..., grid.methods.index(method)] = scores[..., grid.baseline] - scores[..., recipe]
    return result


def averaged(values: np.ndarray) -> np.ndarray:
    """Append the mean over architectures: shape (…, archs, k) → (…, archs + 1, k)."""
    return np.concatenate([values, values.mean(axis=-2, keepdims=True)], axis=-2)


def beyond_sum(values: np.ndarray, methods: list[str]) -> np.ndarray:
    """What combinations lose beyond the sum, below 0 where they lose less: (…, methods) → (…, combinations)."""
    return pick(values, methods, combinations(methods)) - combine(values, methods, np.sum)


def interaction_score(study: Experiment) -> pd.DataFrame:
    """A row for each architecture and ``pooled`` (the mean over architectures), and each combination; in points.

    ``low_seeds`` and ``high_seeds`` are for other seeds on these very tasks.
    """
    grid, settings, methods = study.grid, study.settings, study.grid.methods
    estimate, of_seeds = (
        study.comparison(outcomes.estimate(losses(grid, outcomes.scores))).then(averaged)
        for outcomes in (study.outcomes, study.seed_outcomes)
    )
    beyond, seeds_beyond = (each.then(lambda values: beyond_sum(values, methods)) for each in (estimate, of_seeds))
    low, high = beyond.interval(settings.confidence)
    all_low, all_high = simultaneous(beyond.interval, settings.confidence)
    seeds_low, seeds_high = seeds_beyond.interval(settings.confidence)
    lost, total = pick(estimate.observed, methods, combinations(methods)), combine(estimate.observed, methods, np.sum)
    table = pd.DataFrame(
        [
            {
                "arch": arch,
                "combination": name,
                "recipe": _recipe(grid, name),
                "loss": lost[row, column],
                "sum": total[row, column],
                "difference": beyond.observed[row, column],
                "low": low[row, column],
                "high": high[row, column],
                "low_simultaneous": all_low[row, column],
                "high_simultaneous": all_high[row, column],
                "low_seeds": seeds_low[row, column],
                "high_seeds": seeds_high[row, column],
                "verdict": _verdict(study, low[row, column], high[row, column]),
                "n_tasks": len(grid.tasks),
                "n_seeds": grid.n_seeds,
                "note": missing(grid, row, name)
                or study.undefined(row)
                or no_verdict(study, low[row, column], high[row, column]),
            }
            for row, arch in enumerate([*grid.archs, POOLED])
            for column, name in enumerate(combinations(methods))
        ],
        columns=INTERACTION_SCORE.columns,
    )
    return with_note_on_seeds(study.grid.n_seeds, table)


def _verdict(study: Experiment, low: float, high: float) -> str:
    undecided = no_verdict(study, low, high)
    return verdicts.CAN_NOT_TELL if undecided else verdicts.loss_verdict(low, high, study.settings.equivalence_points)


def _recipe(grid: Grid, method: str) -> Any:
    recipe = representatives(grid).get(method)
    return float("nan") if recipe is None else grid.recipes[recipe]


def missing(grid: Grid, row: int, name: str) -> str:
    """What the losses of a combination and its parts lack, at an architecture or (beyond the last) at any."""
    if grid.baseline is None:
        return "no model is uncompressed (ft)"
    stand = representatives(grid)
    if absent := [method for method in [*parts(name), name] if method not in stand]:
        return f"no recipe of {', '.join(absent)} that all architectures have"
    archs = [row] if row < len(grid.archs) else range(len(grid.archs))
    used = [grid.baseline, *(stand[method] for method in [*parts(name), name])]
    gaps = (grid.lacks(task, arch, recipe) for task in range(len(grid.tasks)) for arch in archs for recipe in used)
    return listed([gap for gap in gaps if gap])
