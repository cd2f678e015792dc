"""How alike two models' states of the same tokens are, by linear CKA and by projection-weighted CCA.

CKA is that of Kornblith et al. (2019), PWCCA that of Morcos et al. (2018). All of it follows from products of centred
states, so that a pair of layers costs one product of width × tokens × width.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

_FEWEST = 4
"""States that the unbiased estimator wants."""


class Centred:
    """States of a layer, each column less its mean."""

    def __init__(self, states: np.ndarray) -> None:
        """Take states of shape (tokens, width), of any float type."""
        values = states.astype(np.float64)
        self.values = values - values.mean(0)

    @cached_property
    def products(self) -> np.ndarray:
        """Sums over tokens of products of two columns, shape (width, width)."""
        return self.values.T @ self.values

    @cached_property
    def norms(self) -> np.ndarray:
        """Squared length of each token's state, shape (tokens,)."""
        return np.einsum("ij,ij->i", self.values, self.values)

    @cached_property
    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues above rounding errors, shape (rank,), ascending, and eigenvectors, shape (width, rank)."""
        values, vectors = np.linalg.eigh(self.products)
        kept = values > max(values[-1], 0.0) * len(values) * np.finfo(np.float64).eps
        return values[kept], vectors[:, kept]

    @property
    def scales(self) -> np.ndarray:
        """What makes the lengths of all columns 1, shape (width,); 0 of constant columns."""
        lengths = np.sqrt(np.diag(self.products))
        return np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)


class Similarities(NamedTuple):
    """Of two layers, 1 where they are the same but for rotation, scale and, for ``pwcca``, any invertible linear map.

    NaN where all states of a layer are equal.
    """

    cka: float
    cka_unbiased: float
    """By the unbiased estimator of HSIC (Song et al. 2012): about 0 for unrelated states, however few."""
    cka_standardized: float
    """Of columns that are scaled to the same spread, so that none dominates."""
    pwcca: float
    """The mean of both directions."""


def similarities(first: Centred, second: Centred) -> Similarities:
    """All measures of two layers' states of the same tokens."""
    crossed = first.values.T @ second.values
    return Similarities(
        _alignment(crossed, first.products, second.products),
        _unbiased(crossed, first, second),
        _standardized(crossed, first, second),
        float(np.mean(pwcca(crossed, first, second))),
    )


def unbiased_cka(first: Centred, second: Centred) -> float:
    """Linear CKA by the unbiased estimator of HSIC, which few states do not raise."""
    return _unbiased(first.values.T @ second.values, first, second)


def _alignment(crossed: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    return _ratio(_squares(crossed), _squares(first), _squares(second))


def _standardized(crossed: np.ndarray, first: Centred, second: Centred) -> float:
    ours, theirs = first.scales, second.scales
    return _alignment(
        crossed * np.outer(ours, theirs),
        first.products * np.outer(ours, ours),
        second.products * np.outer(theirs, theirs),
    )


def _unbiased(crossed: np.ndarray, first: Centred, second: Centred) -> float:
    return _ratio(
        _hsic(crossed, first.norms, second.norms),
        _hsic(first.products, first.norms, first.norms),
        _hsic(second.products, second.norms, second.norms),
    )


def _hsic(crossed: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> float:
    """n (n - 3) times the unbiased HSIC of two linear kernels, without a matrix of all pairs of tokens.

    With K and L the kernels of centred states, their diagonals (``ours``, ``theirs``) set to 0: the rows of K then add
    up to minus the diagonal, and tr(KL) is ‖XᵀY‖² less the diagonals' product.
    """
    n = len(ours)
    if n < _FEWEST:
        return np.nan
    both = float(ours @ theirs)
    return _squares(crossed) - both + float(ours.sum() * theirs.sum()) / ((n - 1) * (n - 2)) - 2 / (n - 2) * both


def pwcca(crossed: np.ndarray, first: Centred, second: Centred) -> tuple[float, float]:
    """Projection-weighted CCA by what the canonical vectors tell of the first states, and of the second ones.

    Canonical correlations are singular values of the product of both whitened states; each counts by the sum, over the
    columns of X, of |⟨h, x⟩| with its canonical vector h of X.
    """
    (ours, left), (theirs, right) = first.spectrum, second.spectrum
    if not len(ours) or not len(theirs):
        return np.nan, np.nan
    whitened = (left / np.sqrt(ours)).T @ crossed @ (right / np.sqrt(theirs))
    turns, correlations, back = np.linalg.svd(whitened, full_matrices=False)
    return (
        _weighted(correlations, turns.T, ours, left),
        _weighted(correlations, back, theirs, right),
    )


def _weighted(correlations: np.ndarray, turns: np.ndarray, values: np.ndarray, vectors: np.ndarray) -> float:
    weights = np.abs(turns @ (vectors * np.sqrt(values)).T).sum(1)
    return float(np.clip(correlations, 0, 1) @ weights / weights.sum())


def _squares(matrix: np.ndarray) -> float:
    return float(np.square(matrix).sum())


def _ratio(crossed: float, first: float, second: float) -> float:
    """``crossed`` over the geometric mean; NaN where a layer's states are all equal."""
    return crossed / np.sqrt(first * second) if first > 0 and second > 0 else np.nan
