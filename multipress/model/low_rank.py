"""The best approximation of a matrix by the product of two smaller ones."""

import torch

Factors = tuple[torch.Tensor, torch.Tensor]


_DAMPING = 0.01
"""Of the mean second moment, added to all: inputs that few rows showed count for something (Frantar et al. 2023)."""


@torch.no_grad()
def best_factors(matrix: torch.Tensor, rank: int, moments: torch.Tensor | None = None) -> Factors:
    """Factors L and R, shapes (rows, rank) and (rank, columns), whose product is nearest to a matrix W.

    Nearest by the sum of squared differences (Eckart and Young 1936): with the singular value decomposition W = U S Vᵀ,
    cut off after ``rank`` values, they are U √S and √S Vᵀ; the root in both keeps their entries on one scale, which
    quantization wants. With the second ``moments`` M of vectors x, shape (columns, columns), nearest by the sum of
    squared differences of W x: the decomposition is that of W √M, with R √M⁻¹ in place of R.

    Computed on the CPU in double precision, so that every device gets the same factors; both are float64 there.
    """
    values = matrix.detach().double().cpu()
    if moments is None:
        return _split(values, rank)
    root, inverse = _roots(moments.double().cpu())
    left, right = _split(values @ root, rank)
    return left, right @ inverse


def _split(matrix: torch.Tensor, rank: int) -> Factors:
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    root = values[:rank].sqrt()
    return left[:, :rank] * root, root[:, None] * right[:rank]


def _roots(moments: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The symmetric root of second moments, with some of their mean added, and its inverse."""
    values, vectors = torch.linalg.eigh(moments)
    damping = _DAMPING * values.mean().clamp_min(torch.finfo(torch.float64).tiny)
    root = (values.clamp_min(0) + damping).sqrt()
    return (vectors * root) @ vectors.T, (vectors / root) @ vectors.T
