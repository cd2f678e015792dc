"""How small a tensor could be coded: Shannon's bound for its entries, each taken by itself (Shannon 1948)."""

import numpy as np

from multipress.stored_tensors import StoredTensor


def entropy_bytes(tensor: StoredTensor) -> float:
    """The bound in bytes for a tensor whose distribution of values is known, zeros included.

    Integers: the entropy of their values. Floats hardly ever repeat, so that the entropy of their values would forget
    the table of them: theirs is that of where the zeros lie, and of the four bytes of the others, each by itself.
    """
    values = tensor.values.ravel()
    if tensor.is_integer:
        return _bits(values) / 8
    nonzero = values[values != 0]
    planes = nonzero.view(np.uint8).reshape(-1, 4).T
    return (_bits(values != 0) + sum(_bits(plane) for plane in planes)) / 8


def _bits(values: np.ndarray) -> float:
    """Number of values times the entropy of their distribution."""
    counts = _counts(values)
    return float(len(values) * np.log2(len(values)) - (counts * np.log2(counts)).sum()) if len(values) else 0.0


def _counts(values: np.ndarray) -> np.ndarray:
    """How often each value occurs, of those that do."""
    if values.dtype == bool:
        ones = np.count_nonzero(values)
        counts = np.array([ones, len(values) - ones])
    else:
        unsigned = values.view(np.uint16 if values.itemsize == 2 else np.uint8)
        counts = np.bincount(unsigned)
    return counts[counts > 0].astype(np.float64)
