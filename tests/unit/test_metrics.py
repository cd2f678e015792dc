import numpy as np
import pytest

from multipress.errors import UserError
from multipress.metrics import score_all


def test_binary_scores_follow_their_definitions():
    labels = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    predictions = np.array([1, 1, 0, 1, 0, 0, 0, 0])
    # true positives 2, false positives 1, false negatives 1, true negatives 4
    assert score_all("classification", labels, predictions, 2) == pytest.approx(
        {"accuracy": 6 / 8, "f1": 2 * 2 / (2 * 2 + 1 + 1), "matthews": (2 * 4 - 1 * 1) / np.sqrt(3 * 3 * 5 * 5)}
    )


def test_f1_of_more_than_two_labels_is_the_mean_over_labels():
    labels = np.array([0, 0, 1, 1, 2, 2])
    predictions = np.array([0, 0, 1, 2, 2, 1])
    assert score_all("classification", labels, predictions, 3)["f1"] == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)


def test_a_classifier_stuck_on_one_label_scores_without_a_warning():
    scores = score_all("classification", np.array([0, 1, 1, 0]), np.zeros(4, dtype=int), 2)
    assert scores == {"accuracy": 0.5, "f1": 0.0, "matthews": 0.0}


def test_regression_scores_values_and_ranks():
    labels = np.array([0.0, 1.0, 2.0, 3.0, 4.0], dtype=np.float32)
    scores = score_all("regression", labels, np.exp(labels), None)
    assert scores["spearman"] == pytest.approx(1.0)
    assert scores["pearson"] == pytest.approx(np.corrcoef(labels, np.exp(labels))[0, 1])
    assert scores["pearson"] < 0.95


def test_constant_predictions_correlate_with_nothing():
    scores = score_all("regression", np.array([0.0, 2.5, 5.0]), np.full(3, 2.5), None)
    assert scores == {"pearson": 0.0, "spearman": 0.0}


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
