"""Activations whose step size is learned with the weights (LSQ, Esser et al. 2020)."""

from typing import Any

import torch
from torch import nn

from multipress.compression.quantize.rounding import ActivationQuantizer, zero_outside
from multipress.compression.quantize.scheme import QuantizationScheme

GAIN = 100.0
"""The step's logarithm moves this many times as fast as a weight. Ours: some hundred steps at BERT's rates would change
it by a hundredth otherwise."""


class _LearnedGrid(torch.autograd.Function):
    """``FakeQuantize``, with a gradient for the logarithm of the scale."""

    @staticmethod
    def forward(
        context: Any, values: torch.Tensor, logarithm: torch.Tensor, scale: torch.Tensor, bounds: tuple[Any, Any]
    ) -> torch.Tensor:
        """Values rounded to ``scale``, which holds the factor ``exp(GAIN · logarithm)`` already."""
        steps = (values * scale.reciprocal()).round_()
        low, high = bounds
        result = torch.clamp(steps, low, high).mul_(scale)
        context.bounds = bounds
        context.save_for_backward(values, steps, result)
        return result

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None, None]:
        """Straight through within the bounds; by the scale, LSQ's: the rounding error within them, the end beyond.

        Divided, as there, by the root of the number of values times that of positive steps, so that clipping by norm
        leaves the weights' gradients their size.
        """
        values, steps, result = context.saved_tensors
        low, high = context.bounds
        inside = zero_outside(gradient, steps, low, high)
        by_scale = (gradient * result).sum() - (inside * values).sum()
        return inside, by_scale * (GAIN / (values.numel() * (high - low)) ** 0.5), None, None


class LearnedQuantizer(ActivationQuantizer):
    """A static range that follows the batches until ``learn``, and then the gradient of its scale, until ``settle``.

    The zero point stays.
    """

    logarithm: nn.Parameter | None
    """Of the factor that was learned, divided by ``GAIN``; None: nothing learns."""

    def __init__(self, scheme: QuantizationScheme) -> None:
        """As ``ActivationQuantizer``."""
        super().__init__(scheme)
        self.register_parameter("logarithm", None)

    def learn(self) -> None:
        """From now on the scale is a parameter, and batches move no range."""
        self.logarithm = nn.Parameter(torch.zeros((), device=self.average.device))

    @torch.no_grad()
    def settle(self) -> None:
        """Keep what was learned in the range, which is all that a checkpoint holds."""
        if self.logarithm is not None:
            self.average[:2] *= torch.exp(GAIN * self.logarithm)
            self.logarithm = None

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """As ``ActivationQuantizer``."""
        if self.logarithm is None:
            return super().forward(values)
        scale, zero_point = self.parameters_of_grid()
        scale = scale.to(values.device) * torch.exp(GAIN * self.logarithm.detach())
        return _LearnedGrid.apply(values, self.logarithm, scale, (-zero_point, self.levels - zero_point))
