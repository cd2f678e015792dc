"""How small a tensor could be coded if each entry is taken by itself: its order-0 entropy (Shannon 1948)."""

import numpy as np

from multipress.deployment.stored_tensors import StoredTensor


def entropy_bytes(tensor: StoredTensor) -> float:
    """Number of entries times the entropy of their values, zeros included, in bytes.

    Integers of up to 8 bits: the entropy of their values. Wider numbers hardly ever repeat, and the entropy of their
    values would leave out the table of values: theirs is that of the mask of zeros, and of the bytes of the others,
    each byte position by itself.
    """
    values = tensor.values.ravel()
    if values.itemsize == 1:
        return _bits(values) / 8
    nonzero = values[values != 0]
    planes = nonzero.view(np.uint8).reshape(-1, values.itemsize).T
    return (_bits(values != 0) + sum(_bits(plane) for plane in planes)) / 8


def _bits(values: np.ndarray) -> float:
    """Number of values times the entropy of their distribution."""
    counts = _counts(values)
    return float(len(values) * np.log2(len(values)) - (counts * np.log2(counts)).sum()) if len(values) else 0.0


def _counts(values: np.ndarray) -> np.ndarray:
    """Frequencies of the values that occur."""
    if values.dtype == bool:
        ones = np.count_nonzero(values)
        counts = np.array([ones, len(values) - ones])
    else:
        counts = np.bincount(values.view(np.uint8))
    return counts[counts > 0].astype(np.float64)
