"""Linear layers whose matrix is the product of two smaller ones."""

import torch
from torch import nn

from multipress.model.layers import Linear
from multipress.model.low_rank import best_factors


class FactoredLinear(nn.Module):
    """``second(first(x))``: from the inputs to ``rank`` numbers, and from those to the outputs; the bias comes last."""

    first: Linear
    second: Linear

    def __init__(self, inputs: int, rank: int, outputs: int) -> None:
        """Make two linear layers with arbitrary weights."""
        super().__init__()
        self.first = Linear(inputs, rank, bias=False)
        self.second = Linear(rank, outputs)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Outputs of shape (…, outputs) from values of shape (…, inputs)."""
        return self.second(self.first(values))


@torch.no_grad()
def factored(linear: nn.Linear, rank: int, moments: torch.Tensor | None = None) -> FactoredLinear:
    """The best approximation of a linear layer by factors of that rank, on its device.

    With the second ``moments`` of its inputs, of its outputs; without, of its matrix.
    """
    left, right = best_factors(linear.weight, rank, moments)
    layer = FactoredLinear(linear.in_features, rank, linear.out_features).to(linear.weight)
    layer.first.weight.copy_(right)
    layer.second.weight.copy_(left)
    layer.second.bias.copy_(linear.bias)
    return layer
