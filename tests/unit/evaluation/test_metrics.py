import numpy as np
import pytest

from multipress.core.errors import UserError
from multipress.evaluation.metrics import score_all


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
