"""Tests of pairs of models."""

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
