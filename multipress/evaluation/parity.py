"""How far an exported model is from its checkpoint, on the same rows."""

from typing import Any

import numpy as np

GAPS = ("logits_gap", "logits_gap_mean", "logits_gap_p99")
"""Columns of results.csv: the largest difference between logits, their mean, and their 99th percentile."""


def logits_gaps(logits: np.ndarray, deployed: np.ndarray) -> dict[str, float | None]:
    """The absolute differences between two models' logits, as shares of the range of the first one's.

    All are None where that range is 0 and the logits differ.

    Args:
        logits: Of the checkpoint, shape (rows, outputs).
        deployed: Of the exported model, same shape.
    """
    differences = np.abs(logits - deployed)
    span, largest = float(np.ptp(logits)), float(differences.max())
    if not span:
        return dict.fromkeys(GAPS, 0.0 if largest == 0 else None)
    precise = differences.astype(np.float64)
    values = (largest, float(precise.mean()), float(np.percentile(precise, 99)))
    return {name: value / span for name, value in zip(GAPS, values, strict=True)}


def changed(kind: str, predictions: Any, deployed: Any) -> int | None:
    """Rows whose label an exported model predicts otherwise; None for regression, which has no labels."""
    return None if kind == "regression" else int(np.count_nonzero(np.asarray(predictions) != np.asarray(deployed)))
