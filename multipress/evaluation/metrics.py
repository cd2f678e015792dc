"""The scores of GLUE (Wang et al. 2019) from labels and predictions.

Written out in numpy: importing scikit-learn takes two seconds. tests/peers holds the numbers to scikit-learn and scipy.
"""

from typing import Literal

import numpy as np

from multipress.core.errors import UserError
from multipress.data.defined import undefined


def score_all(
    kind: Literal["classification", "regression"],
    labels: np.ndarray,
    predictions: np.ndarray,
    n_labels: int | None,
) -> dict[str, float]:
    """Every metric that has a value on these rows, in its natural range (not times 100).

    One that the labels alone leave undefined is left out, for it says nothing of any model: ``undefined`` says why.

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
        scores = _classification(labels, predictions, binary=n_labels == 2)
    else:
        scores = _regression(labels.astype(np.float64), predictions.astype(np.float64))
    return {metric: score for metric, score in scores.items() if undefined(metric, labels, n_labels) is None}


def primary_score(metric: str, scores: dict[str, float], dev_set: str) -> float:
    """100 times a task's primary metric.

    Raises:
        UserError: the metric has no value on the dev set.
    """
    if metric not in scores:
        raise UserError(
            f"{metric} has no value on {dev_set}: all its labels are the same, or none is the one that counts"
        )
    return 100 * scores[metric]


def majority_score(
    kind: Literal["classification", "regression"], metric: str, labels: np.ndarray, n_labels: int | None, dev_set: str
) -> float:
    """The score in points if every row is answered alike: with the most frequent label, or the mean of the numbers.

    Of equally frequent labels it is the one that scores more. The mean's correlation is undefined, which counts 0.0.

    Raises:
        UserError: the metric has no value on the dev set.
    """
    answers = [labels.mean()]
    if kind == "classification":
        classes, counts = np.unique(labels, return_counts=True)
        answers = list(classes[counts == counts.max()])
    alike = (score_all(kind, labels, np.full(len(labels), answer), n_labels) for answer in answers)
    return max(primary_score(metric, scores, dev_set) for scores in alike)


def _classification(labels: np.ndarray, predictions: np.ndarray, binary: bool) -> dict[str, float]:
    """Accuracy, F1 (of label 1 if binary, else the mean over the labels that occur) and Matthews correlation.

    The F1 of a label that is never predicted is 0.0, and so is the Matthews correlation where only one is predicted.
    """
    classes, confusion = _confusion(labels, predictions)
    hits, gold, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    f1 = 2 * hits / (gold + predicted)
    return {
        "accuracy": float(hits.sum() / len(labels)),
        "f1": float(f1[classes == 1].sum() if binary else f1.mean()),
        "matthews": _matthews(hits.sum(), gold, predicted),
    }


def _confusion(labels: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes that are gold or predicted, sorted, and the rows of every (gold, predicted) pair of them.

    Shapes (classes,) and (classes, classes); the counts are float64, as their products outgrow int64.
    """
    classes, positions = np.unique(np.concatenate([labels, predictions]), return_inverse=True)
    gold, predicted = np.split(positions, 2)
    confusion = np.zeros((len(classes), len(classes)))
    np.add.at(confusion, (gold, predicted), 1)
    return classes, confusion


def _matthews(hits: float, gold: np.ndarray, predicted: np.ndarray) -> float:
    """Matthews correlation for any number of classes (Gorodkin 2004) from the rows of each class."""
    rows = gold.sum()
    spread = (rows**2 - gold @ gold) * (rows**2 - predicted @ predicted)
    return float((hits * rows - gold @ predicted) / np.sqrt(spread)) if spread else 0.0


def _regression(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Pearson and Spearman correlation.

    A correlation with a constant is undefined. Of constant predictions it counts 0.0, as a model that predicts the same
    number for every row knows nothing of their order, and one collapsed model must not turn a mean over tasks into NaN.
    """
    if np.ptp(labels) == 0 or np.ptp(predictions) == 0:
        return {"pearson": 0.0, "spearman": 0.0}
    return {
        "pearson": float(np.corrcoef(labels, predictions)[0, 1]),
        "spearman": float(np.corrcoef(_ranks(labels), _ranks(predictions))[0, 1]),
    }


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, positions, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[positions]
