"""How complex the states of a layer are: how many directions they fill, and the dimension of what they lie on."""

import numpy as np

from multipress.dissection.similarity import Centred

_MOST_POINTS = 2000
"""Of TwoNN, whose cost grows by the square: the estimate depends on the number of points, about the same for all."""

_DISCARDED = 0.1
"""Share of the largest ratios of distances that TwoNN leaves out (Facco et al. 2017)."""


def participation_ratio(centred: Centred) -> float:
    """(Σλ)² / Σλ² of the covariance's eigenvalues: 1 where all spread is in one direction, at most the width.

    NaN where there is no spread.
    """
    squares = float(np.square(centred.products).sum())
    return float(np.trace(centred.products)) ** 2 / squares if squares else np.nan


def components(centred: Centred, share: float = 0.9) -> int:
    """How many principal components have this share of the variance."""
    values = centred.spectrum[0][::-1]
    if not len(values):
        return 0
    explained = np.cumsum(values) / values.sum()
    return min(int(np.searchsorted(explained, share)) + 1, len(values))


def two_nn(states: np.ndarray) -> float:
    """Intrinsic dimension from the ratio of distances to the two nearest points (Facco et al. 2017).

    Of evenly spaced points alone where there are many. Repeated ones, as the same word at the same place has in the
    embeddings, count once. NaN where fewer than three differ.

    Args:
        states: shape (points, width).
    """
    from sklearn.neighbors import NearestNeighbors  # importing it takes a second

    taken = np.linspace(0, len(states) - 1, min(len(states), _MOST_POINTS)).astype(int)
    points = np.unique(states[taken].astype(np.float32), axis=0)
    if len(points) < 3:
        return np.nan
    nearest = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(points).kneighbors()[0].astype(np.float64)
    with np.errstate(divide="ignore"):
        ratios = np.log(np.sort(nearest[:, 1] / nearest[:, 0]))
    kept = int(len(ratios) * (1 - _DISCARDED))
    known = -np.log1p(-np.arange(1, kept + 1) / len(ratios))
    return float(ratios[:kept] @ known / (ratios[:kept] @ ratios[:kept])) if kept and ratios[:kept].any() else np.nan
