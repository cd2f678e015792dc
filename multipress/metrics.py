"""The scores of GLUE (Wang et al. 2019) from labels and predictions."""

from typing import Literal

import numpy as np

from multipress.errors import UserError


def score_all(
    kind: Literal["classification", "regression"],
    labels: np.ndarray,
    predictions: np.ndarray,
    n_labels: int | None,
) -> dict[str, float]:
    """Every metric that applies to the kind of task, in its natural range (not times 100).

    Args:
        kind: Whether rows carry a label id or a number.
        labels: Gold label ids or values, shape (rows,).
        predictions: Predicted label ids or values, shape (rows,).
        n_labels: Number of labels of a classification task; None for regression.

    Raises:
        UserError: a prediction is not a finite number, so training diverged.
    """
    if not np.isfinite(predictions).all():
        raise UserError("predictions are not finite: training diverged; lower the learning rate and train again")
    if kind == "classification":
        return _classification(labels, predictions, binary=n_labels == 2)
    return _regression(labels.astype(np.float64), predictions.astype(np.float64))


def _classification(labels: np.ndarray, predictions: np.ndarray, binary: bool) -> dict[str, float]:
    """Accuracy, F1 (of label 1 if binary, else the mean over the labels that occur) and Matthews correlation."""
    from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef  # two seconds; regression needs none of it

    average = "binary" if binary else "macro"
    return {
        "accuracy": float(accuracy_score(labels, predictions)),
        "f1": float(f1_score(labels, predictions, average=average, zero_division=0.0)),
        "matthews": float(matthews_corrcoef(labels, predictions)),
    }


def _regression(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Pearson and Spearman correlation.

    A correlation with a constant is undefined. It counts 0.0 here, as a model that predicts the same number for every
    row knows nothing of their order, and one collapsed model must not turn a mean over tasks into NaN.
    """
    if np.ptp(labels) == 0 or np.ptp(predictions) == 0:
        return {"pearson": 0.0, "spearman": 0.0}
    from scipy.stats import pearsonr, spearmanr  # one second; classification needs none of it

    return {
        "pearson": float(pearsonr(labels, predictions).statistic),
        "spearman": float(spearmanr(labels, predictions).statistic),
    }
