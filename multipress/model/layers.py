"""Layers of a BERT that are cheaper than PyTorch's on a CPU, with the same numbers or the same distribution."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

LANES = 2**16
"""Dropout on a CPU draws 16 random bits for each value: its probability is rounded to a multiple of 1 / LANES."""


class Embedding(nn.Embedding):
    """An embedding whose rows, while it trains, may come from elsewhere than its table."""

    reader: Callable[[torch.Tensor], torch.Tensor] | None = None
    """Takes ids and returns their rows; None: the table itself."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows of the ids, as ``nn.Embedding`` gives them."""
        return self.reader(ids) if self.reader and self.training else super().forward(ids)


class Linear(nn.Linear):
    """A linear layer in two parts that subclasses may change: what it multiplies, and by what."""

    reads_floats = False
    """Whether quantization leaves what it multiplies as it is, and rounds the weights alone."""

    def inputs(self, values: torch.Tensor) -> torch.Tensor:
        """The values as they enter the product."""
        return values

    def kernel(self) -> torch.Tensor:
        """The weight as it enters the product, shape (outputs, inputs)."""
        return self.weight

    def product(self, inputs: torch.Tensor) -> torch.Tensor:
        """The layer's output for what ``inputs`` returned."""
        return functional.linear(inputs, self.kernel(), self.bias)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The layer's output, as ``nn.Linear`` gives it."""
        return self.product(self.inputs(values))


def joint_product(layers: list[Linear], inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The outputs of several layers for the same inputs, from a single product."""
    kernel = torch.cat([layer.kernel() for layer in layers])
    bias = torch.cat([layer.bias for layer in layers])
    return functional.linear(inputs, kernel, bias).split([layer.out_features for layer in layers], dim=-1)


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014), drawn from PyTorch's generator; on a CPU four values from one random number."""

    def __init__(self, probability: float) -> None:
        """Drop values with this probability while training."""
        super().__init__()
        self.probability = probability

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The values, some of them zero, the others larger in proportion."""
        if not self.training or self.probability == 0:
            return values
        if values.device.type != "cpu":
            return functional.dropout(values, self.probability)
        dropped = min(round(self.probability * LANES), LANES - 1)
        kept = _random_lanes(values.shape).float().ge_(dropped - LANES // 2)
        return values * kept.mul_(LANES / (LANES - dropped)).to(values.dtype)


def _random_lanes(shape: torch.Size) -> torch.Tensor:
    """Independent uniform int16 values."""
    count = shape.numel()
    numbers = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    return numbers.view(torch.int16)[:count].view(shape)
