import numpy as np
import pytest
from scipy.stats import binom, binomtest

from multipress.analysis.predictions.pair_tests import holm, mcnemar_mid_p


@pytest.mark.parametrize(("lost", "won"), [(28, 13), (13, 28), (1, 0), (0, 9), (400, 520)])
def test_the_mid_p_is_the_exact_p_less_the_probability_of_what_was_seen(lost, won):
    exact = binomtest(lost, lost + won).pvalue
    assert mcnemar_mid_p(lost, won) == pytest.approx(exact - binom.pmf(lost, lost + won, 0.5))


def test_as_many_lost_as_won_are_no_evidence():
    assert mcnemar_mid_p(7, 7) == mcnemar_mid_p(0, 0) == 1


def test_holm_multiplies_the_smallest_by_all_and_never_falls():
    adjusted = holm(np.array([0.04, 0.01, np.nan, 0.03, 0.02]))
    assert adjusted == pytest.approx([0.06, 0.04, np.nan, 0.06, 0.06], nan_ok=True)
    assert holm(np.array([0.6, 0.9])).tolist() == [1, 1]
    assert np.isnan(holm(np.array([np.nan]))).all()
