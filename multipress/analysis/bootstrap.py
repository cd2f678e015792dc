"""Resampled experiments, and intervals from them.

A draw is the experiment over again: tasks are drawn with replacement, and for each drawn task its seeds, jointly for
all architectures and recipes, for a seed repeats the whole procedure (a cluster bootstrap; Davison and Hinkley 1997,
section 3.8). Tasks are few, which asks for care at both steps:

* The spread over n tasks already holds the noise of their B seeds, so seeds drawn for every task add it once more (Rao
  and Wu 1988: where the clusters are few of all there are, what is in them need not be drawn again). But a mean over n
  drawn tasks varies by a share of 1/n too little. Seeds may supply that share of theirs: each drawn task draws its
  seeds anew with probability B/((B-1)n) and else keeps them all. The factor B/(B-1) makes good that B seeds drawn from
  B vary too little in the same way. Where tasks differ by nothing but their seeds, draws then vary as they should.
* Where tasks differ more, draws still vary too little. There the same draws with all seeds of each task, their variance
  times n/(n-1), are right (Hesterberg 2015, "What Teachers Should Know About the Bootstrap"). The standard error is the
  larger of the two. For a mean it comes from the seeds where tasks differ less than the noise of their seeds would make
  them differ, which is luck: no variance component is below 0 (Searle, Casella and McCulloch 1992).

Intervals are Student's, on n-1 degrees of freedom, about the quantity as observed, or for a ratio about its logarithm.
Others are for another draw of seeds with these very tasks: each task draws one seed fewer than it has, whose means vary
as those of all its seeds do (McCarthy and Snowden 1985), and degrees of freedom are all seeds less all tasks.
``benchmarks/coverage.py`` counts how often they cover the truth; of eight tasks, percentiles of draws do so less well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit

from multipress.analysis.grid import Grid
from multipress.analysis.settings import AnalyzeSettings

_NONE = 1e-9
"""Standard errors below are those of equal numbers, whose mean is not exact."""

_CHUNK = 1000
"""Draws averaged at once, to bound memory."""


@dataclass(frozen=True)
class Outcomes:
    """Each task with each of its resampled sets of seeds, once; and the draws, which name them.

    Three seeds have ten multisets, so all draws of eight tasks have 80 outcomes; statistics are computed on those.
    """

    tasks: np.ndarray
    """The task of each outcome; the first ``n_tasks`` outcomes are the tasks with all of their seeds."""
    scores: np.ndarray
    """Means over seeds, of shape (outcomes, archs, recipes); NaN where the model is incomplete."""
    draws: np.ndarray
    """Indices of outcomes, of shape (draws, tasks)."""
    n_tasks: int

    freedom: int
    """Degrees of freedom of intervals."""
    of_seeds: bool = False
    """Whether draws hold each task once, and differ in seeds alone."""

    def estimate(self, statistic: np.ndarray) -> "Estimate":
        """The mean over tasks of a statistic of shape (outcomes, …): as observed, and in each draw."""
        return Estimate(
            observed=statistic[: self.n_tasks].mean(axis=0),
            draws=_mean_over_tasks(statistic, self.draws),
            task_draws=_mean_over_tasks(statistic, self.tasks[self.draws]),
            n_tasks=self.n_tasks,
            freedom=self.freedom,
            of_seeds=self.of_seeds,
        )


def _mean_over_tasks(statistic: np.ndarray, draws: np.ndarray) -> np.ndarray:
    chunks = np.split(draws, range(_CHUNK, len(draws), _CHUNK))
    return np.concatenate([statistic[chunk].mean(axis=1) for chunk in chunks])


@dataclass(frozen=True)
class Estimate:
    """A quantity as observed, of any shape, and in each draw, with the draws as a further first axis."""

    observed: np.ndarray
    draws: np.ndarray
    task_draws: np.ndarray
    """The quantity in the same draws with all seeds of each task."""
    n_tasks: int
    freedom: int
    of_seeds: bool = False

    def then(self, function: Callable[[np.ndarray], np.ndarray]) -> "Estimate":
        """The estimate of a function of this quantity; it must leave leading axes alone."""
        return replace(
            self,
            observed=function(self.observed),
            draws=function(self.draws),
            task_draws=function(self.task_draws),
        )

    @property
    def standard_error(self) -> np.ndarray:
        """NaN with fewer than two tasks (seeds), and where the quantity or any draw of it is unknown."""
        if self.freedom < 1:
            return np.full(self.observed.shape, np.nan)
        variance = self.draws.var(axis=0)
        if not self.of_seeds:
            variance = np.maximum(variance, self.task_draws.var(axis=0) * self.n_tasks / (self.n_tasks - 1))
        error = np.sqrt(variance)
        return np.where(error < _NONE, 0.0, error)

    def reach(self, confidence: float) -> np.ndarray:
        """Half of the interval's width; NaN where the standard error is."""
        quantile = stdtrit(max(self.freedom, 1), (1 + confidence) / 2)
        return quantile * self.standard_error

    def interval(self, confidence: float) -> tuple[np.ndarray, np.ndarray]:
        """Low and high end; NaN where the standard error is."""
        reach = self.reach(confidence)
        return self.observed - reach, self.observed + reach

    def interval_of_ratio(self, confidence: float) -> tuple[np.ndarray, np.ndarray]:
        """Low and high end for a quantity above 0, from its logarithm; NaN where the standard error is."""
        with np.errstate(over="ignore"):  # of two tasks, a high end can be infinite
            factor = np.exp(self.then(np.log).reach(confidence))
        return self.observed / factor, self.observed * factor


def simultaneous(
    interval: Callable[[float], tuple[np.ndarray, np.ndarray]], confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Ends that hold together: all in the last row with this confidence, and so all in the rows above it.

    Bonferroni's: the chance to miss is shared equally, whatever depends on what.

    Args:
        interval: Low and high ends at a confidence, of shape (rows, columns), the last row pooling the others.
        confidence: Of all intervals together.
    """
    rows, columns = interval(confidence)[0].shape
    above, last = (interval(1 - (1 - confidence) / max(1, count * columns)) for count in (rows - 1, 1))
    low, high = (np.concatenate([many[:-1], few[-1:]]) for many, few in zip(above, last, strict=True))
    return low, high


def resample(grid: Grid, settings: AnalyzeSettings) -> Outcomes:
    """Draw experiments; the same seed gives the same draws."""
    random = np.random.default_rng(settings.seed)
    count = len(grid.tasks)
    tasks = random.integers(count, size=(settings.draws, count)).ravel()
    available = np.array([len(seeds) for seeds in grid.seeds])
    whole = np.column_stack([np.arange(count), _sorted_seeds(np.arange(available.max()), available)])
    drawn = (random.random((tasks.size, available.max())) * available[tasks][:, None]).astype(int)
    anew = random.random(tasks.size) < share_anew(available, count)[tasks]
    rows = np.where(anew[:, None], np.column_stack([tasks, _sorted_seeds(drawn, available[tasks])]), whole[tasks])
    return _outcomes(grid, whole, rows, freedom=count - 1)


def resample_seeds(grid: Grid, settings: AnalyzeSettings) -> Outcomes:
    """Draw experiments on these tasks with other seeds; none where a task has one, which tells nothing of others."""
    count, available = len(grid.tasks), np.array([len(seeds) for seeds in grid.seeds])
    whole = np.column_stack([np.arange(count), _sorted_seeds(np.arange(available.max()), available)])
    if available.min() < 2:
        return Outcomes(np.arange(count), _mean_scores(grid, whole), whole[None, :, 0], count, freedom=0, of_seeds=True)
    random = np.random.default_rng([settings.seed, 1])
    tasks = np.tile(np.arange(count), settings.draws)
    drawn = (random.random((tasks.size, available.max())) * available[tasks][:, None]).astype(int)
    rows = np.column_stack([tasks, _sorted_seeds(drawn, available[tasks] - 1, available.max())])
    return _outcomes(grid, whole, rows, freedom=int((available - 1).sum()), of_seeds=True)


def _outcomes(grid: Grid, whole: np.ndarray, rows: np.ndarray, freedom: int, of_seeds: bool = False) -> Outcomes:
    """The means that draws need, each once.

    Args:
        grid: The scores.
        whole: Each task with all of its seeds, of shape (tasks, 1 + seeds), as ``_mean_scores`` reads them.
        rows: The same of what was drawn, of shape (draws * tasks, 1 + seeds).
        freedom: Degrees of freedom of the intervals.
        of_seeds: Whether tasks stay the same in all draws.
    """
    count = len(whole)
    distinct, outcome = np.unique(rows, axis=0, return_inverse=True)
    every = np.concatenate([whole, distinct])
    return Outcomes(
        tasks=every[:, 0],
        scores=_mean_scores(grid, every),
        draws=count + outcome.reshape(-1, count),
        n_tasks=count,
        freedom=freedom,
        of_seeds=of_seeds,
    )


def share_anew(n_seeds: np.ndarray, n_tasks: int) -> np.ndarray:
    """The probability that a drawn task draws its seeds anew: these add 1/n_tasks of the variance that seeds make."""
    return n_seeds / np.maximum(n_seeds - 1, 1) / n_tasks


def _sorted_seeds(seeds: np.ndarray, count: np.ndarray, most: int | None = None) -> np.ndarray:
    """Rows of so many of the seeds, in descending order, then -1: shape (rows, most seeds)."""
    used = np.arange(most or count.max()) < count[:, None]
    return -np.sort(-np.where(used, seeds, -1), axis=1)


def _mean_scores(grid: Grid, rows: np.ndarray) -> np.ndarray:
    """Means over the seeds of each outcome; a row is a task and its seeds, -1 for none."""
    tasks, seeds = rows[:, 0], rows[:, 1:]
    used = seeds >= 0
    total = np.zeros((len(rows), len(grid.archs), len(grid.recipes)))
    for column in range(seeds.shape[1]):
        scores = grid.scores[tasks, :, :, seeds[:, column]]
        total += np.where(used[:, column, None, None], scores, 0.0)
    means = total / used.sum(axis=1)[:, None, None]
    # A model that lacks a seed is missing from all outcomes, not only from those that drew the seed.
    return np.where(np.isnan(grid.means)[tasks], np.nan, means)
