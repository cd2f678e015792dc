"""Tests of pairs of models, and Holm's adjustment for many of them."""

import numpy as np
from scipy.special import bdtr


def mcnemar_mid_p(lost: int, won: int) -> float:
    """Two-sided mid-p value of McNemar's test (Fagerland, Lydersen and Laake 2013).

    Of the rows on which the models part, are as many lost as won? Half of the probability of the observed count is
    taken, so that the test is not as timid as the exact one. 1.0 where no row parts them.
    """
    rows, fewer = lost + won, min(lost, won)
    if lost == won:
        return 1.0
    below = float(bdtr(fewer - 1, rows, 0.5)) if fewer else 0.0
    return float(bdtr(fewer, rows, 0.5)) + below


def holm(p: np.ndarray) -> np.ndarray:
    """P values adjusted so that a family's false rejections are held down together (Holm 1979); NaN is no test."""
    adjusted = np.full(len(p), np.nan)
    (tests,) = np.nonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors)) if len(order) else []
    return adjusted
