"""How sure the difference of two models' scores is: both answer the same rows, and both have the same seeds.

A paired bootstrap over rows and seeds. Rows are drawn with replacement, jointly for both models and all seeds. Drawn
seeds would count the chance in single rows of single seeds a second time (crossed factors; Owen 2007, "The pigeonhole
bootstrap"), so their share is what they vary beyond that: for S seeds, (spread of the seeds' differences − what rows
give a single seed alone) / S, and 0 at least. The interval is Student's; its degrees of freedom are Satterthwaite's, of
these three estimates.

The bootstrap's variance of a mean is known without draws, so accuracy takes none. There half a lost and half a won row
are added in each seed (Agresti and Min 2005), so that models that agree on all rows of a small dev set are not called
equal with certainty. Other scores are computed on drawn rows.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.special import stdtr, stdtrit

from multipress.analysis.predictions.weighted_scores import Score

Key = TypeVar("Key", bound=Hashable)

_CELLS = 4_000_000
"""Weights of rows drawn at once, to bound memory."""


@dataclass(frozen=True)
class Difference:
    """A difference of two scores in points, and the variance that rows and seeds give it."""

    value: float
    rows: float
    """Variance due to the dev set's rows, as many as there are."""
    seeds: float
    """Variance due to the seeds, as many as there are; 0 with one, of which nothing is known."""
    freedom: float
    """Degrees of freedom of their sum."""

    @property
    def error(self) -> float:
        """The standard error in points."""
        return float(np.sqrt(self.rows + self.seeds))

    def interval(self, confidence: float) -> tuple[float, float]:
        """The two ends, both in points."""
        half = float(stdtrit(self.freedom, (1 + confidence) / 2)) * self.error
        return self.value - half, self.value + half

    @property
    def p(self) -> float:
        """Of the hypothesis that there is no difference, two-sided."""
        if self.error == 0:
            return 1.0 if self.value == 0 else 0.0
        return float(2 * stdtr(self.freedom, -abs(self.value) / self.error))


@dataclass(frozen=True)
class Resampling:
    """How often and with which random numbers rows are drawn."""

    draws: int
    seed: int


@dataclass(frozen=True)
class Answers:
    """What one model of one seed predicts."""

    predictions: np.ndarray
    """Shape (rows,)."""
    drawn: np.ndarray | None
    """Its score in points on drawn rows, shape (draws,), the same for all models; None where they are not needed."""


def answers(
    score: Score, labels: np.ndarray, predictions: Mapping[Key, np.ndarray], resampling: Resampling
) -> dict[Key, Answers]:
    """The answers of several models, with their scores on the same drawn rows."""
    if score.is_mean:
        return {model: Answers(own, None) for model, own in predictions.items()}
    drawn: dict[Key, list[np.ndarray]] = {model: [] for model in predictions}
    for weights in _weights(len(labels), resampling):
        for model, own in predictions.items():
            drawn[model].append(100 * score.of(labels, own, weights))
    return {model: Answers(own, np.concatenate(drawn[model])) for model, own in predictions.items()}


def difference(score: Score, labels: np.ndarray, first: Sequence[Answers], second: Sequence[Answers]) -> Difference:
    """The score of ``second`` less that of ``first``, mean over seeds.

    Args:
        score: What is compared.
        labels: Gold labels, shape (rows,).
        first: A model's answers, one for each seed.
        second: Another's, for the same seeds in the same order.
    """
    if score.is_mean:
        hits, others = (np.stack([each.predictions == labels for each in model]) for model in (second, first))
        by_row = 100.0 * (hits.astype(float) - others)
        of_seeds = by_row.mean(axis=1)
        rows, single = _variances_of_mean(by_row)
    else:
        of_seeds = np.array([score.points(labels, each.predictions) for each in second])
        of_seeds -= [score.points(labels, each.predictions) for each in first]
        rows, single = _variances_of_draws(_drawn(second) - _drawn(first))
    return _difference(of_seeds, len(labels), rows, single)


def _drawn(model: Sequence[Answers]) -> np.ndarray:
    return np.stack([each.drawn for each in model if each.drawn is not None])


def mean_over_tasks(differences: Sequence[Difference]) -> Difference:
    """The mean difference of several tasks, the tasks taken as they are."""
    n = len(differences)
    rows, seeds = (sum(getattr(each, part) for each in differences) / n**2 for part in ("rows", "seeds"))
    below = sum((each.error / n) ** 4 / each.freedom for each in differences)
    freedom = (rows + seeds) ** 2 / below if below > 0 else min(each.freedom for each in differences)
    return Difference(float(np.mean([each.value for each in differences])), rows, seeds, freedom)


def _difference(of_seeds: np.ndarray, n_rows: int, rows: float, single: float) -> Difference:
    """The mean of seeds' differences.

    Args:
        of_seeds: In points.
        n_rows: Rows of the dev set.
        rows: What rows give the mean for variance.
        single: What they give one seed's difference, as far as they part it from the others'.
    """
    n_seeds, of_rows = len(of_seeds), max(n_rows - 1, 1)
    spread = float(of_seeds.var(ddof=1)) / n_seeds if n_seeds > 1 else 0.0
    seeds = max(0.0, spread - single / n_seeds)
    below = rows**2 / of_rows
    if n_seeds > 1:
        below += spread**2 / (n_seeds - 1) + (single / n_seeds) ** 2 / (of_rows * (n_seeds - 1))
    freedom = (rows + seeds) ** 2 / below if below > 0 else of_rows
    return Difference(float(of_seeds.mean()), rows, seeds, freedom)


def _variances_of_mean(by_row: np.ndarray) -> tuple[float, float]:
    """Of the mean over all of (seeds, rows), and of one seed's mean as far as rows alone part it from the others'."""
    n_seeds, n_rows = by_row.shape
    added = 100.0**2 / n_seeds
    means = by_row.mean(axis=0)
    rows = (means @ means + added) / n_rows**2 - means.mean() ** 2 / n_rows
    own = by_row - means
    return float(rows), float(own.var(axis=1).mean() / n_rows * _unbiased(n_seeds))


def _variances_of_draws(draws: np.ndarray) -> tuple[float, float]:
    """The same from differences of shape (seeds, draws)."""
    means = draws.mean(axis=0)
    return float(means.var(ddof=1)), float((draws - means).var(axis=1, ddof=1).mean() * _unbiased(len(draws)))


def _unbiased(n_seeds: int) -> float:
    """For deviations from the mean of few, which are too small."""
    return n_seeds / (n_seeds - 1) if n_seeds > 1 else 1.0


def _weights(n_rows: int, resampling: Resampling) -> Iterator[np.ndarray]:
    """How often each row is drawn, shape (draws, rows), in parts."""
    random = np.random.default_rng(resampling.seed)
    left = resampling.draws
    while left > 0:
        draws = min(left, max(1, _CELLS // n_rows))
        drawn = random.integers(n_rows, size=(draws, n_rows)) + np.arange(draws)[:, None] * n_rows
        yield np.bincount(drawn.ravel(), minlength=draws * n_rows).reshape(draws, n_rows).astype(np.float64)
        left -= draws
