"""The tasks' scores where each row counts several times or not at all, for many sets of weights at once.

With each row once they are those of ``multipress.evaluation.metrics``; a test holds them together.
"""

from dataclasses import dataclass

import numpy as np

_CONSTANT = 1e-18
"""A product of two variances below is that of a constant."""


@dataclass(frozen=True)
class Score:
    """A task's primary metric."""

    metric: str
    """accuracy, f1, matthews, pearson or spearman."""
    n_labels: int
    """Number of labels of a classification; 1 of a regression."""

    @property
    def is_mean(self) -> bool:
        """Whether it is a mean of what each row gives alone."""
        return self.metric == "accuracy"

    def of(self, labels: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """A model's score, not times 100, for each set of weights; 0 where it has no value.

        Args:
            labels: Gold label ids or values, shape (rows,).
            predictions: Predicted ones, shape (rows,).
            weights: Shape (sets, rows).
        """
        if self.metric == "accuracy":
            return weights @ (predictions == labels) / weights.sum(axis=1)
        if self.metric == "f1":
            return _f1(labels, predictions, weights, binary=self.n_labels == 2)
        if self.metric == "matthews":
            return _matthews(labels, predictions, weights)
        if self.metric == "spearman":
            return _pearson(_ranks(labels, weights), _ranks(predictions, weights), weights)
        return _pearson(labels[None], predictions[None], weights)

    def points(self, labels: np.ndarray, predictions: np.ndarray) -> float:
        """A model's score with each row once, times 100."""
        return 100 * float(self.of(labels, predictions, np.ones((1, len(labels))))[0])


def _counts(labels: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """Classes, and for each set and class the weight of hits, of gold rows and of predicted ones."""
    classes = np.unique(np.concatenate([labels, predictions]))
    gold, predicted = labels[:, None] == classes, predictions[:, None] == classes
    return classes, weights @ (gold & predicted), weights @ gold, weights @ predicted


def _f1(labels: np.ndarray, predictions: np.ndarray, weights: np.ndarray, binary: bool) -> np.ndarray:
    """Of label 1 if binary, else the mean over the labels that occur."""
    classes, hits, gold, predicted = _counts(labels, predictions, weights)
    total = gold + predicted
    of_class = np.divide(2 * hits, total, out=np.zeros_like(total), where=total > 0)
    if binary:
        return of_class[:, classes == 1].sum(axis=1)
    return of_class.sum(axis=1) / (total > 0).sum(axis=1)


def _matthews(labels: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    _, hits, gold, predicted = _counts(labels, predictions, weights)
    rows = weights.sum(axis=1)
    covariance = hits.sum(axis=1) * rows - (gold * predicted).sum(axis=1)
    spread = (rows**2 - (gold**2).sum(axis=1)) * (rows**2 - (predicted**2).sum(axis=1))
    return np.divide(covariance, np.sqrt(np.maximum(spread, 0)), out=np.zeros_like(rows), where=spread > 0)


def _pearson(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Correlation of values that are the same for all sets, shape (1, rows), or not, shape (sets, rows)."""
    # Centred first: what is left of large numbers would be noise.
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    total, *sums = _sums(weights, [np.ones_like(x), x, y, x * x, y * y, x * y])
    mean_x, mean_y, square_x, square_y, product = (each / total for each in sums)
    spread = (square_x - mean_x**2) * (square_y - mean_y**2)
    covariance = product - mean_x * mean_y
    return np.divide(covariance, np.sqrt(np.maximum(spread, 0)), out=np.zeros_like(total), where=spread > _CONSTANT)


def _sums(weights: np.ndarray, values: list[np.ndarray]) -> list[np.ndarray]:
    """Weighted sums over rows of each of the values, for each set of weights."""
    if all(len(each) == 1 for each in values):
        return list((weights @ np.concatenate(values).T).T)
    return [np.einsum("sr,sr->s", weights, np.broadcast_to(each, weights.shape)) for each in values]


def _ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ranks of the rows in each set, shape (sets, rows); equal values share the mean of theirs."""
    distinct, positions = np.unique(values, return_inverse=True)
    order = np.argsort(positions, kind="stable")
    starts = np.searchsorted(positions[order], np.arange(len(distinct)))
    of_value = np.add.reduceat(weights[:, order], starts, axis=1)
    ranks = np.cumsum(of_value, axis=1) - (of_value - 1) / 2
    return ranks[:, positions]
