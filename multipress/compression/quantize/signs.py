"""Ternary and binary weights: signs times a scale.

Binary (Rastegari et al. 2016, BWN): ``mean(|w|) sign(w)``. Ternary (Li et al. 2016, TWN): 0 where ``|w|`` is at most
0.7 times its mean, elsewhere the sign times the mean magnitude of what is left.
"""

from typing import NamedTuple

import torch
from torch import nn

from multipress.compression.quantize.rounding import TINY, StraightThrough
from multipress.compression.quantize.scheme import BINARY, WeightGrid

THRESHOLD = 0.7
"""Of the mean magnitude: what is not larger becomes zero."""


class Signs(NamedTuple):
    """A matrix or rows as signs, of their shape, and scales that broadcast against them."""

    signs: torch.Tensor
    scale: torch.Tensor


def binary(values: torch.Tensor, dims: tuple[int, ...]) -> Signs:
    """Signs and scales, one for each index outside of ``dims``; zero counts as positive.

    By arithmetic: a CPU takes 20 times as long to compare and select, for it cannot foresee which sign comes next.
    """
    scale = values.abs().mean(dims, keepdim=True).clamp_min_(TINY)
    return Signs(values.sign().add_(0.5).sign_(), scale)


def ternary(values: torch.Tensor, dims: tuple[int, ...]) -> Signs:
    """Signs or zeros, and scales, one for each index outside of ``dims``.

    Means are over what is not zero: what pruning set to zero says nothing of the size of the others. By arithmetic, as
    in ``binary``.
    """
    magnitudes, signs = values.abs(), values.sign()
    threshold = THRESHOLD * magnitudes.sum(dims, keepdim=True) / signs.abs().sum(dims, keepdim=True).clamp_min_(1)
    kept = (magnitudes - threshold).sign_().clamp_min_(0)
    scale = magnitudes.mul_(kept).sum(dims, keepdim=True) / kept.sum(dims, keepdim=True).clamp_min_(1)
    return Signs(signs.mul_(kept), scale.clamp_min_(TINY))


class SignQuantizer(nn.Module):
    """Weights on a grid of two or three values, made anew from the float ones each time.

    The scale is a stored buffer of shape (), or (rows,) with granularity ``channel``.
    """

    scale: torch.Tensor
    is_settled = False
    """Whether the weights are on their grid for good: their means would give another scale in the last bit."""

    def __init__(self, rows: int, grid: WeightGrid) -> None:
        """Quantize matrices with this number of rows."""
        super().__init__()
        self.bits = grid.bits
        self.per_channel = grid.granularity == "channel"
        self.register_buffer("scale", torch.ones(rows if self.per_channel else ()))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """A matrix, or with a scale for each row any rows of it, on the grid; gradients pass straight through."""
        if self.is_settled:
            return values
        with torch.no_grad():
            signs, scale = self.split(values)
        return StraightThrough.apply(values, signs.mul_(scale))

    def rows(self, values: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Rows of a table on the grid, shape (…, columns); a row's scale follows from the row."""
        return self(values)

    def split(self, values: torch.Tensor) -> Signs:
        """Signs and scales of a matrix or of rows."""
        dims = (-1,) if self.per_channel else tuple(range(values.ndim))
        return binary(values, dims) if self.bits == BINARY else ternary(values, dims)

    @torch.no_grad()
    def write(self, weight: torch.Tensor, grid: torch.Tensor) -> None:
        """Write the weight on the grid to ``grid``, and keep the scale."""
        signs, scale = self.split(weight)
        torch.mul(signs, scale, out=grid)
        self.scale.copy_(scale.view_as(self.scale))

    def settle(self, weight: torch.Tensor) -> None:
        """Put the weight on its grid for good, in place."""
        self.write(weight, weight)
        self.is_settled = True
