"""How well a classifier's probabilities agree with what is right."""

from typing import NamedTuple

import numpy as np

BINS = 15
"""Bins of equal width (Guo et al. 2017)."""


class Calibration(NamedTuple):
    """Two measures of a classifier on some rows."""

    ece: float
    brier: float


def calibration(logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """That of logits, shape (rows, classes), for gold label ids, shape (rows,)."""
    found = probabilities(logits)
    return Calibration(expected_calibration_error(found, labels), brier(found, labels))


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax of logits, shape (rows, classes)."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    found: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
    return found


def expected_calibration_error(of_classes: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the rows of |confidence − accuracy| of the row's bin, from 0 to 1.

    Bins divide the probability of the predicted class; each is open below and closed above.

    Args:
        of_classes: Probabilities, shape (rows, classes).
        labels: Gold label ids, shape (rows,).
    """
    confidence, is_right = of_classes.max(axis=1), of_classes.argmax(axis=1) == labels
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(bins, weights=confidence - is_right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def brier(of_classes: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the rows of the squared distance to the right answer, summed over classes: from 0 to 2 (Brier 1950)."""
    right = np.arange(of_classes.shape[1]) == labels[:, None]
    return float(((of_classes - right) ** 2).sum(axis=1).mean())
