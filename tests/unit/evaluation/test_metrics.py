import numpy as np
import pytest

from multipress.core.errors import UserError
from multipress.evaluation.metrics import majority_score, primary_score, score_all


def test_constant_predictions_correlate_with_nothing():
    scores = score_all("regression", np.array([0.0, 2.5, 5.0]), np.full(3, 2.5), None)
    assert scores == {"pearson": 0.0, "spearman": 0.0}


@pytest.mark.parametrize(
    ("kind", "labels", "n_labels", "defined"),
    [
        ("regression", [3.0, 3.0, 3.0], None, set()),
        ("regression", [2.0], None, set()),
        ("classification", [0, 0, 0], 2, {"accuracy"}),
        ("classification", [1, 1, 1], 2, {"accuracy", "f1"}),
        ("classification", [2, 2, 2], 3, {"accuracy", "f1"}),
        ("classification", [0, 2, 0], 3, {"accuracy", "f1", "matthews"}),
    ],
)
def test_a_metric_that_the_labels_leave_undefined_is_left_out(kind, labels, n_labels, defined):
    predictions = np.arange(len(labels)) % 2
    scores = score_all(kind, np.array(labels), predictions, n_labels)
    assert set(scores) == defined
    for metric in {"pearson", "f1", "matthews"} - defined:
        with pytest.raises(UserError, match=f"{metric} has no value on the dev set of mood"):
            primary_score(metric, scores, "the dev set of mood")


@pytest.mark.parametrize(
    ("metric", "labels", "n_labels", "points"),
    [
        ("accuracy", [0, 1, 1, 1], 2, 75),
        ("accuracy", [2, 2, 0, 1, 2], 3, 60),
        ("f1", [1, 1, 1, 0], 2, 100 * 6 / 7),
        ("f1", [0, 0, 0, 1], 2, 0),
        ("f1", [0, 1], 2, 100 * 2 / 3),  # as frequent are both; the second label scores more
        ("matthews", [0, 1, 1, 1], 2, 0),
        ("pearson", [0.0, 2.5, 4.0], None, 0),
    ],
)
def test_the_majority_score_is_that_of_one_answer_to_all_rows(metric, labels, n_labels, points):
    kind = "regression" if n_labels is None else "classification"
    assert majority_score(kind, metric, np.array(labels), n_labels, "the dev set") == pytest.approx(points)


def test_there_is_no_majority_score_where_the_metric_has_no_value():
    with pytest.raises(UserError, match="f1 has no value on the dev set of mood"):
        majority_score("classification", "f1", np.zeros(3, int), 2, "the dev set of mood")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_predictions_of_a_diverged_model_are_refused(bad):
    with pytest.raises(UserError, match="not finite"):
        score_all("regression", np.array([0.0, 1.0, 2.0]), np.array([0.0, bad, 1.0]), None)


def test_scores_are_plain_floats_that_json_can_hold():
    for scores in (
        score_all("classification", np.array([0, 1]), np.array([0, 1]), 2),
        score_all("regression", np.array([0.0, 1.0]), np.array([0.5, 0.7]), None),
    ):
        assert {type(value) for value in scores.values()} == {float}
