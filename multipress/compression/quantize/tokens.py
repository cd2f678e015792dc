"""Activations with a range for each token, as XTC has them (Wu et al. 2022)."""

import torch
from torch import nn

from multipress.compression.quantize.rounding import TINY, StraightThrough

STEPS = 128
"""Steps of the grid from zero to the largest magnitude; the positive end is one step short of it."""


class TokenQuantizer(nn.Module):
    """Symmetric fake quantization to -128 … 127 by the largest magnitude of each token's values; it has no state.

    Runtimes have no product of integers for it: such a model is as small as others, and as slow as a float one.
    """

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The values, shape (…, features), on their integer grids; gradients pass straight through."""
        with torch.no_grad():
            scale = values.abs().amax(-1, keepdim=True).div_(STEPS).clamp_min_(TINY)
            grid = (values / scale).round_().clamp_(-STEPS, STEPS - 1).mul_(scale)
        return StraightThrough.apply(values, grid)
