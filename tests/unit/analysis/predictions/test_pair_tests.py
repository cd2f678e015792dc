import pytest
from scipy.stats import binom, binomtest

from multipress.analysis.predictions.pair_tests import mcnemar_mid_p


@pytest.mark.parametrize(("lost", "won"), [(28, 13), (13, 28), (1, 0), (0, 9), (400, 520)])
def test_the_mid_p_is_the_exact_p_less_the_probability_of_what_was_seen(lost, won):
    exact = binomtest(lost, lost + won).pvalue
    assert mcnemar_mid_p(lost, won) == pytest.approx(exact - binom.pmf(lost, lost + won, 0.5))


def test_as_many_lost_as_won_are_no_evidence():
    assert mcnemar_mid_p(7, 7) == mcnemar_mid_p(0, 0) == 1
