import numpy as np
import pytest

from multipress.analysis.holm import holm


def test_holm_multiplies_the_smallest_by_all_keeps_the_order_and_never_falls():
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    adjusted = holm(np.array([0.04, 0.01, np.nan, 0.03, 0.02]))
    assert adjusted == pytest.approx([0.06, 0.04, np.nan, 0.06, 0.06], nan_ok=True)


def test_p_values_end_at_one_and_what_is_no_test_counts_as_none():
    assert holm(np.array([0.6, 0.9])).tolist() == [1, 1]
    assert holm(np.array([0.02, np.nan, 0.9])) == pytest.approx([0.04, np.nan, 0.9], nan_ok=True)
    assert np.isnan(holm(np.array([np.nan]))).all()
