"""Resampled experiments, and intervals from them.

A draw is the experiment over again: tasks are drawn with replacement, and for each drawn task its seeds, jointly for
all architectures and recipes, for a seed repeats the whole procedure (a cluster bootstrap; Davison and Hinkley 1997,
section 3.8). Drawing seeds, too, counts their noise almost twice, since the spread over tasks contains it: intervals
then err on the wide side (``benchmarks/coverage.py``), which ``resample_seeds: false`` avoids at the risk of the other.

With few tasks the percentiles of such draws are too narrow, so they are expanded: alpha/2 becomes
Phi(-sqrt(n/(n-1)) t), where t is that quantile of Student's distribution on n-1 degrees of freedom, its sign dropped
(Hesterberg 2015, "What Teachers Should Know About the Bootstrap").
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, stdtrit

from multipress.analysis.grid import Grid
from multipress.config.analyze import AnalyzeSettings

_CHUNK = 1000
"""Draws averaged at once, to bound memory."""


@dataclass(frozen=True)
class Outcomes:
    """Each task with each of its resampled sets of seeds, once; and the draws, which name them.

    Three seeds have ten multisets, so all draws of eight tasks have 80 outcomes; statistics are computed on those.
    """

    tasks: np.ndarray
    """The task of each outcome; the first as many outcomes as there are tasks are the tasks with all of their seeds."""
    scores: np.ndarray
    """Means over seeds, of shape (outcomes, archs, recipes); NaN where the model is incomplete."""
    draws: np.ndarray
    """Places of outcomes, of shape (draws, tasks)."""
    n_tasks: int

    def estimate(self, statistic: np.ndarray) -> "Estimate":
        """The mean over tasks of a statistic of shape (outcomes, …): as observed, and in each draw."""
        observed = statistic[: self.n_tasks].mean(axis=0)
        chunks = np.split(self.draws, range(_CHUNK, len(self.draws), _CHUNK))
        return Estimate(observed, np.concatenate([statistic[chunk].mean(axis=1) for chunk in chunks]), self.n_tasks)


@dataclass(frozen=True)
class Estimate:
    """A quantity as observed, of any shape, and in each draw, with the draws as a further first axis."""

    observed: np.ndarray
    draws: np.ndarray
    n_tasks: int

    def then(self, function: Callable[[np.ndarray], np.ndarray]) -> "Estimate":
        """The estimate of a function of this quantity; it must leave leading axes alone."""
        return Estimate(function(self.observed), function(self.draws), self.n_tasks)

    def interval(self, confidence: float) -> tuple[np.ndarray, np.ndarray]:
        """Low and high end; NaN with fewer than two tasks, and where the quantity or any draw of it is unknown."""
        unknown = np.isnan(self.observed)
        if self.n_tasks < 2:
            return np.full(unknown.shape, np.nan), np.full(unknown.shape, np.nan)
        tail = expanded_tail(confidence, self.n_tasks)
        low, high = np.quantile(self.draws, [tail, 1 - tail], axis=0)
        return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def expanded_tail(confidence: float, n: int) -> float:
    """The share of draws below an interval for the mean of ``n`` clusters (Hesterberg 2015)."""
    return float(ndtr(np.sqrt(n / (n - 1)) * stdtrit(n - 1, (1 - confidence) / 2)))


def resample(grid: Grid, settings: AnalyzeSettings) -> Outcomes:
    """Draw experiments; the same seed gives the same draws."""
    random = np.random.default_rng(settings.seed)
    count = len(grid.tasks)
    tasks = random.integers(count, size=(settings.draws, count)).ravel()
    available = np.array([len(seeds) for seeds in grid.seeds])
    whole = np.column_stack([np.arange(count), _sorted_seeds(np.arange(available.max()), available)])
    if settings.resample_seeds:
        drawn = (random.random((tasks.size, available.max())) * available[tasks][:, None]).astype(int)
        rows = np.column_stack([tasks, _sorted_seeds(drawn, available[tasks])])
    else:
        rows = whole[tasks]
    rows, place = np.unique(rows, axis=0, return_inverse=True)
    rows = np.concatenate([whole, rows])
    return Outcomes(
        tasks=rows[:, 0],
        scores=_mean_scores(grid, rows),
        draws=count + place.reshape(settings.draws, count),
        n_tasks=count,
    )


def _sorted_seeds(seeds: np.ndarray, available: np.ndarray) -> np.ndarray:
    """In each row as many of the seeds as its task has, in descending order, then -1: shape (rows, most seeds)."""
    used = np.arange(available.max()) < available[:, None]
    return -np.sort(-np.where(used, seeds, -1), axis=1)


def _mean_scores(grid: Grid, rows: np.ndarray) -> np.ndarray:
    """Means over the seeds of each outcome; a row is a task and its seeds, -1 for none."""
    tasks, seeds = rows[:, 0], rows[:, 1:]
    used = seeds >= 0
    total = np.zeros((len(rows), len(grid.archs), len(grid.recipes)))
    for place in range(seeds.shape[1]):
        scores = grid.scores[tasks, :, :, seeds[:, place]]
        total += np.where(used[:, place, None, None], scores, 0.0)
    means = total / used.sum(axis=1)[:, None, None]
    # A model that lacks a seed is missing from all outcomes, not only from those that drew the seed.
    return np.where(np.isnan(grid.means)[tasks], np.nan, means)
