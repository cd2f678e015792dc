"""Which compressions first, given what a model may weigh: the best score that each subset reaches within a size.

The best of several models owes a part of its score to luck, and the more so the more of them a subset has. So subsets
are ranked by held-out scores: on each task the score of the model that is best on all other tasks, and then the mean
over tasks. Where all models are as good as each other, so are all held-out scores (``benchmarks/equal_models.py``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.bootstrap import Estimate
from multipress.analysis.experiment import Experiment, listed, no_interval
from multipress.analysis.grid import Grid
from multipress.analysis.ranking import ranks, shares_first
from multipress.analysis.ratios import ROUNDING
from multipress.analysis.tables import RANKING_SIZE
from multipress.compression.subsets import NONE


@dataclass(frozen=True)
class Budget:
    """What a model may weigh at most."""

    mb: float
    arch: str
    """The architecture whose uncompressed model has this size; empty if the settings name the size."""


@dataclass(frozen=True)
class Candidates:
    """The models within a budget: boolean arrays of shape (subsets, archs, recipes)."""

    complete: np.ndarray
    """Models that have every task and seed."""
    lacking: np.ndarray
    """Models that lack a task or a seed. One that no task has may have any size, so it is among them."""

    @property
    def subsets_with_models(self) -> np.ndarray:
        """Indices of the subsets that have a model of either kind."""
        return np.flatnonzero((self.complete | self.lacking).any(axis=(1, 2)))

    @property
    def is_undecided(self) -> np.ndarray:
        """Whether each subset has a missing model, which might be its best: shape (subsets,)."""
        return np.asarray(self.lacking.any(axis=(1, 2)))


def ranking_size(study: Experiment) -> pd.DataFrame:
    """A row for each size budget and each subset of compressions, ``none`` among them.

    ``score`` is the best mean over tasks that a model of the subset reaches within ``budget_mb``, over all
    architectures and sparsities, and ``arch``, ``recipe`` and ``size_mb`` name the model; of equally good ones the
    smallest. ``held_out`` is the mean over tasks of the score there of the model that is best on the others, with its
    interval. By it, ``rank`` 1 is the best subset, and ``first`` the share of draws in which a subset is, shared
    equally among those that tie. ``held_out_of_any`` is the same for the best model of all subsets, in each row of a
    budget: what is to be expected of it, for the first subset's own score still owes something to its being the first.
    One task leaves nothing to choose by: then ``rank`` is by ``score``.

    Models that lack a task or a seed are not chosen. ``rank`` and ``first`` are NaN where they depend on how good such
    a model is.
    """
    return pd.DataFrame([row for budget in budgets(study) for row in _at(study, budget)], columns=RANKING_SIZE.columns)


def budgets(study: Experiment) -> list[Budget]:
    """The budgets of the settings, or the known sizes of the uncompressed architectures, largest first."""
    if study.settings.size_budgets is not None:
        return [Budget(mb, "") for mb in dict.fromkeys(study.settings.size_budgets)]
    if study.grid.baseline is None:
        return []
    sizes = _sizes(study.grid)[:, study.grid.baseline]
    return [Budget(float(mb), arch) for mb, arch in zip(sizes, study.grid.archs, strict=True) if mb > 0]


def candidates(study: Experiment, budget: Budget) -> Candidates:
    """The models within a budget."""
    grid = study.grid
    subsets = _subsets(grid)
    curves = np.zeros((len(subsets), len(grid.archs), len(grid.recipes)), dtype=bool)
    for row, subset in enumerate(subsets):
        curves[row, :, grid.curve(subset)] = True
    within = curves & (_sizes(grid) <= budget.mb * (1 + ROUNDING))
    complete = ~np.isnan(study.scores.observed)
    return Candidates(complete=within & complete, lacking=within & ~complete)


def held_out(study: Experiment, chosen: np.ndarray) -> Estimate:
    """Scores on each task of the models that are best on the others: estimates of shape (subsets,); -inf for none.

    Args:
        study: The experiment; with one task, the best model's score on this task.
        chosen: The models to choose among, of shape (subsets, archs, recipes).
    """
    means, outcomes = study.grid.means, study.outcomes
    scores = np.full((len(outcomes.tasks), len(chosen)), -np.inf)
    for task in range(len(means)):
        others = np.delete(means, task, axis=0) if len(means) > 1 else means
        of_task = outcomes.tasks == task
        for subset, of_subset in enumerate(chosen):
            if of_subset.any():
                model = best(study.grid, others.mean(axis=0), of_subset)
                scores[of_task, subset] = outcomes.scores[of_task][:, *model]
    return outcomes.estimate(scores)


def best(grid: Grid, scores: np.ndarray, chosen: np.ndarray) -> tuple[int, int]:
    """Architecture and recipe of the best of these models; of equally good ones the smallest, then the larger arch's.

    Args:
        grid: For the sizes.
        scores: Points of shape (archs, recipes).
        chosen: The models to choose among, of the same shape; there is one.
    """
    models, of_models = np.argwhere(chosen), scores[chosen]
    is_best = of_models >= of_models.max() - ROUNDING
    arch, recipe = models[np.where(is_best, _sizes(grid)[chosen], np.inf).argmin()]
    return int(arch), int(recipe)


def decided(statistic: Callable[[Estimate], np.ndarray], known: Estimate, undecided: np.ndarray) -> np.ndarray:
    """A statistic of each subset where it is the same however good the missing models are, else NaN.

    Args:
        statistic: From held-out scores of shape (…, subsets) to one number for each subset, which moves one way with
            the subset's own score and the other way with the others'; so the extremes decide.
        known: The held-out scores of complete models.
        undecided: Whether a missing model might be a subset's best, of shape (subsets,).
    """
    result = statistic(known)
    if not undecided.any():
        return result
    for subset in range(len(result)):
        own = np.arange(len(result)) == subset
        with_own, with_others = (statistic(_raised(known, undecided & where))[subset] for where in (own, ~own))
        if with_own != with_others:
            result[subset] = np.nan
    return result


def _raised(scores: Estimate, subsets: np.ndarray) -> Estimate:
    """The scores if these subsets had models better than all."""
    return scores.then(lambda values: np.where(subsets, np.inf, values))


def _subsets(grid: Grid) -> list[str]:
    return [NONE, *grid.methods]


def _sizes(grid: Grid) -> np.ndarray:
    """MB, means over tasks, of shape (archs, recipes); 0 where no task has the model."""
    return np.asarray(grid.sizes.mean(axis=0))


def _at(study: Experiment, budget: Budget) -> list[dict[str, Any]]:
    models = candidates(study, budget)
    everything = models.complete.any(axis=0, keepdims=True)
    with_any = held_out(study, np.concatenate([models.complete, everything]))
    estimate, of_any = with_any.then(lambda values: values[..., :-1]), with_any.observed[-1]
    is_known = np.isfinite(of_any) and len(study.grid.tasks) > 1 and not models.lacking.any()
    found = np.isfinite(estimate.observed)
    low, high = estimate.then(lambda values: np.where(found, values, np.nan)).interval(study.settings.confidence)
    rank, first = (np.where(found, values, np.nan) for values in _ranks_and_shares(estimate, models))
    return [
        {
            "budget_mb": budget.mb,
            "budget_arch": budget.arch,
            "subset": subset,
            **_choice(study, models.complete[row]),
            "held_out": estimate.observed[row] if found[row] and len(study.grid.tasks) > 1 else float("nan"),
            "held_out_of_any": of_any if is_known else float("nan"),
            "low": low[row],
            "high": high[row],
            "rank": rank[row],
            "first": first[row],
            "note": _no_model(models, row, subset, budget)
            or missing(study.grid, models, row, _is_undecided(rank[row], first[row], low[row]))
            or no_interval(study, low[row]),
        }
        for row, subset in enumerate(_subsets(study.grid))
    ]


def _ranks_and_shares(estimate: Estimate, models: Candidates) -> tuple[np.ndarray, np.ndarray]:
    """Ranks and shares of first ranks of all subsets; NaN where they are undecided or the subset has no model."""
    present = models.subsets_with_models
    undecided = models.is_undecided[present]
    rank, first = np.full((2, len(models.complete)), np.nan)
    if present.size:
        known = estimate.then(lambda values: values[..., present])
        rank[present] = decided(lambda scores: ranks(scores.observed), known, undecided)
        first[present] = decided(shares_first, known, undecided)
    return rank, first


def _choice(study: Experiment, complete: np.ndarray) -> dict[str, Any]:
    """The best model of the observed results."""
    if not complete.any():
        return dict.fromkeys(["arch", "recipe", "size_mb", "score"], float("nan"))
    arch, recipe = best(study.grid, study.scores.observed, complete)
    return {
        "arch": study.grid.archs[arch],
        "recipe": study.grid.recipes[recipe],
        "size_mb": _sizes(study.grid)[arch, recipe],
        "score": study.scores.observed[arch, recipe],
    }


def _no_model(models: Candidates, row: int, subset: str, budget: Budget) -> str:
    """Says that a subset has no model within the budget, not even a missing one; else empty."""
    if row in models.subsets_with_models:
        return ""
    which = "uncompressed model" if subset == NONE else f"model of {subset}"
    return f"no {which} is within {budget.mb:g} MB"


def _is_undecided(rank: float, first: float, low: float) -> bool:
    """Whether missing models leave the rank open; without an interval there are no shares, whatever is missing."""
    return bool(np.isnan(rank) or (np.isnan(first) and not np.isnan(low)))


def missing(grid: Grid, models: Candidates, row: int, of_others: bool) -> str:
    """What the missing models of a subset lack; if it has none and ``of_others``, what those of the others lack."""
    lacking = models.lacking[row]
    if of_others and not lacking.any():
        lacking = models.lacking.any(axis=0)
    return listed([gap for arch, recipe in np.argwhere(lacking) for gap in _gaps(grid, arch, recipe)])


def _gaps(grid: Grid, arch: int, recipe: int) -> list[str]:
    if np.isnan(grid.scores[:, arch, recipe]).all():
        return [f"no results of {grid.archs[arch]}/{grid.recipes[recipe]}"]
    return grid.gaps(arch, recipe)
