"""P-values of several tests at once."""

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """P-values adjusted so that the chance of any false finding among them is kept (Holm 1979); NaN is no test.

    Args:
        p: shape (tests,), as is the result.
    """
    adjusted, tests = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return adjusted
