"""Linear layers whose matrix is the product of two smaller ones."""

import torch
from torch import nn

from multipress.model.layers import Linear


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
def factored(linear: nn.Linear, rank: int) -> FactoredLinear:
    """The best approximation of a linear layer by factors of that rank (Eckart and Young 1936), on its device.

    With the singular value decomposition W = U S Vᵀ, cut off after ``rank`` values, the factors are √S Vᵀ and U √S: the
    root in both keeps their entries on one scale, which quantization wants. Computed on the CPU in double precision, so
    that every device starts from the same factors.
    """
    left, values, right = torch.linalg.svd(linear.weight.double().cpu(), full_matrices=False)
    root = values[:rank].sqrt()
    layer = FactoredLinear(linear.in_features, rank, linear.out_features).to(linear.weight)
    layer.first.weight.copy_(root[:, None] * right[:rank])
    layer.second.weight.copy_(left[:, :rank] * root)
    layer.second.bias.copy_(linear.bias)
    return layer
