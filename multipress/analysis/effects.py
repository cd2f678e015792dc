"""What one step of a recipe changes in the score, everything else equal: the effects of the factorial design."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment, listed, no_interval, with_note_on_seeds
from multipress.analysis.grid import Grid
from multipress.analysis.score_losses import averaged
from multipress.analysis.tables import EFFECTS
from multipress.analysis.verdicts import POOLED
from multipress.compression import recipes


@dataclass(frozen=True)
class Effect:
    """A step of a recipe, and the recipe that lacks nothing but this step."""

    recipe: int
    """Index of the recipe in the grid."""
    step: str
    without: str
    without_index: int | None
    """None where the results hold no such recipe."""


def all_effects(grid: Grid) -> list[Effect]:
    """Each step other than ``ft`` of each recipe, in the order of the grid's recipes and of their steps."""
    indices = {name: index for index, name in enumerate(grid.recipes)}
    return [
        Effect(indices[name], step, less := recipes.without(name, step), indices.get(less))
        for name in grid.recipes
        for step in recipes.parse(name)
        if step != "ft"
    ]


def differences(scores: np.ndarray, effects: list[Effect]) -> np.ndarray:
    """Points that each step adds: (…, archs, recipes) → (…, archs, effects); NaN where either model is unknown."""
    result = np.full((*scores.shape[:-1], len(effects)), np.nan)
    for column, effect in enumerate(effects):
        if effect.without_index is not None:
            result[..., column] = scores[..., effect.recipe] - scores[..., effect.without_index]
    return result


def effects(study: Experiment) -> pd.DataFrame:
    """A row for each architecture and ``pooled`` (the mean over architectures), each recipe, and each step of it.

    ``difference`` is the score of the recipe less that of the recipe ``without`` the step, in points, below 0 where
    the step costs; both models are of the same tasks and seeds. ``n_seeds`` is that of the task with the fewest.
    ``low_seeds`` and ``high_seeds`` are for other seeds on these very tasks.
    """
    found = all_effects(study.grid)
    estimate, of_seeds = (
        study.comparison(outcomes.estimate(outcomes.scores)).then(lambda scores: averaged(differences(scores, found)))
        for outcomes in (study.outcomes, study.seed_outcomes)
    )
    low, high = estimate.interval(study.settings.confidence)
    seeds_low, seeds_high = of_seeds.interval(study.settings.confidence)
    table = pd.DataFrame(
        [
            {
                "arch": arch,
                **_names(study.grid, effect),
                "difference": estimate.observed[row, column],
                "low": low[row, column],
                "high": high[row, column],
                "low_seeds": seeds_low[row, column],
                "high_seeds": seeds_high[row, column],
                "n_tasks": len(study.grid.tasks),
                "n_seeds": study.grid.n_seeds,
                "note": missing(study.grid, row, effect)
                or study.undefined(row)
                or no_interval(study, low[row, column]),
            }
            for row, arch in enumerate([*study.grid.archs, POOLED])
            for column, effect in enumerate(found)
        ],
        columns=EFFECTS.columns,
    )
    return with_note_on_seeds(study.grid.n_seeds, table)


def _names(grid: Grid, effect: Effect) -> dict[str, Any]:
    recipe = grid.recipes[effect.recipe]
    return {"recipe": recipe, "subset": recipes.subset(recipe), "step": effect.step, "without": effect.without}


def missing(grid: Grid, row: int, effect: Effect) -> str:
    """What the two models of an effect lack, at an architecture or (beyond the last) at any; empty if nothing."""
    absent = [f"no results of {effect.without}"] if effect.without_index is None else []
    archs = [row] if row < len(grid.archs) else range(len(grid.archs))
    present = [recipe for recipe in (effect.without_index, effect.recipe) if recipe is not None]
    return listed(absent + [gap for arch in archs for recipe in present for gap in grid.gaps(arch, recipe)])
