import numpy as np
import pytest

from multipress.analysis.predictions.weighted_scores import Score
from multipress.evaluation.metrics import score_all

RANDOM = np.random.default_rng(5)
ROWS = 200


def rows(n_labels):
    """Gold labels and predictions that agree in part, ties included."""
    if n_labels == 1:
        labels = np.round(RANDOM.normal(2.5, 1, ROWS), 1)
        return labels, np.round(labels + RANDOM.normal(0, 1, ROWS), 1)
    labels = RANDOM.integers(n_labels, size=ROWS).astype(float)
    return labels, np.where(RANDOM.random(ROWS) < 0.3, RANDOM.integers(n_labels, size=ROWS), labels)


CASES = [("accuracy", 2), ("accuracy", 3), ("f1", 2), ("f1", 3), ("matthews", 2), ("matthews", 4)]
CASES += [("pearson", 1), ("spearman", 1)]


@pytest.mark.parametrize(("metric", "n_labels"), CASES)
def test_a_weighted_score_is_the_score_of_rows_that_are_repeated_so_often(metric, n_labels):
    labels, predictions = rows(n_labels)
    weights = RANDOM.multinomial(ROWS, np.full(ROWS, 1 / ROWS), size=5)
    kind = "regression" if n_labels == 1 else "classification"
    found = Score(metric, n_labels).of(labels, predictions, weights.astype(float))
    expected = [
        score_all(kind, np.repeat(labels, own), np.repeat(predictions, own), n_labels)[metric] for own in weights
    ]
    assert found == pytest.approx(expected, abs=1e-12)
    once = score_all(kind, labels, predictions, n_labels)[metric]
    assert Score(metric, n_labels).points(labels, predictions) == pytest.approx(100 * once)


def test_constant_predictions_have_no_correlation():
    labels = np.arange(10.0)
    for metric in ("pearson", "spearman"):
        assert Score(metric, 1).points(labels, np.full(10, 0.1)) == 0
    assert Score("matthews", 2).points(np.repeat([0.0, 1], 5), np.ones(10)) == 0
