"""Rounding to integer grids and back: what quantized layers do to weights and activations while they train."""

from typing import Any

import torch
from torch import nn

from multipress.compression.quantize.observed_ranges import range_of
from multipress.compression.quantize.scheme import QuantizationScheme, WeightGrid

Bound = torch.Tensor | float

TINY, EPSILON = torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).eps


class FakeQuantize(torch.autograd.Function):
    """Round values to an integer grid and back; the numbers and gradients of ``torch.fake_quantize_*``.

    Those core functions take five times as long on a CPU as the four operations here.
    """

    @staticmethod
    def forward(
        context: Any,
        values: torch.Tensor,
        scale: torch.Tensor,
        bounds: tuple[Bound, Bound] | None,
    ) -> torch.Tensor:
        """``round(values / scale)`` within the bounds, times ``scale``, which broadcasts against the values.

        Bounds are whole numbers; None: no value lies outside the grid.
        """
        steps = (values * scale.reciprocal()).round_()
        if bounds is None:
            return steps.mul_(scale)
        context.bounds = bounds
        context.save_for_backward(steps)
        low, high = bounds
        if isinstance(low, torch.Tensor) and isinstance(high, torch.Tensor):
            return steps.clamp(low, high).mul_(scale)
        return steps.clamp(float(low), float(high)).mul_(scale)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        """Straight through, but for clipped values."""
        if context.saved_tensors:
            gradient = zero_outside(gradient, *context.saved_tensors, *context.bounds)
        return gradient, None, None


def zero_outside(gradient: torch.Tensor, steps: torch.Tensor, low: Bound, high: Bound) -> torch.Tensor:
    """The gradient where whole ``steps`` lie within the bounds, else 0."""
    if isinstance(low, torch.Tensor):
        return gradient * ((steps >= low) & (steps <= high))
    # A CPU is slow at comparisons; this core function compares and selects in one pass, and its bounds are exclusive.
    return torch.ops.aten.hardtanh_backward(gradient, steps, low - 0.5, high + 0.5)


class StraightThrough(torch.autograd.Function):
    """Other values in the forward pass, the gradient of the first in the backward pass."""

    @staticmethod
    def forward(context: Any, values: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """The others."""
        return others.view_as(others)

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        """All of it: nothing is clipped."""
        return gradient, None


class WeightQuantizer(nn.Module):
    """Symmetric fake quantization of a matrix to ``-(2^(bits-1) - 1) … 2^(bits-1) - 1`` times a scale.

    The scale follows the largest magnitude in training mode and is a stored buffer in evaluation mode: of shape
    (), or (rows,) with granularity ``channel``.
    """

    scale: torch.Tensor

    def __init__(self, rows: int, grid: WeightGrid) -> None:
        """Quantize matrices with this number of rows."""
        super().__init__()
        self.bits, self.limit = grid.bits, 2 ** (grid.bits - 1) - 1
        self.per_channel = grid.granularity == "channel"
        self.register_buffer("scale", torch.ones(rows if self.per_channel else ()))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """The weight on its integer grid; gradients pass straight through."""
        if self.training:
            self.observe(weight)
        return self.to_grid(weight, self._scale_of_rows())

    def to_grid(self, values: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        """Values on the grid; in training mode the scale is large enough for all of them."""
        return FakeQuantize.apply(values, scale, None if self.training else (-self.limit, self.limit))

    def rows(self, values: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Rows of a table on the grid, shape (…, columns), with the scales of their ids."""
        return self.to_grid(values, self.scale[ids][..., None] if self.per_channel else self.scale)

    def _scale_of_rows(self) -> torch.Tensor:
        return self.scale[:, None] if self.per_channel else self.scale

    @torch.no_grad()
    def observe(self, weight: torch.Tensor) -> None:
        """Set the scale so that the largest magnitude is representable."""
        low, high = self.extremes(weight.detach())
        self.fit(torch.maximum(-low, high))

    def extremes(self, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Smallest and largest value of the matrix or of each row, of the scale's shape."""
        return torch.aminmax(weight, dim=1) if self.per_channel else torch.aminmax(weight)

    @torch.no_grad()
    def fit(self, largest: torch.Tensor) -> None:
        """Set the scale from the largest magnitudes, of the scale's shape."""
        self.scale.copy_(scales_of(largest, self.limit))

    @torch.no_grad()
    def settle(self, weight: torch.Tensor) -> None:
        """Put the weight on its grid for good, in place: evaluation then changes no bit of it."""
        self.observe(weight)
        training = self.training
        weight.copy_(self.eval()(weight))
        self.train(training)


def scales_of(largest: torch.Tensor, limit: int) -> torch.Tensor:
    """Scales with which the largest magnitudes are the integer ``limit``."""
    return (largest / limit).clamp_min_(TINY)


class ActivationQuantizer(nn.Module):
    """Affine fake quantization of activations to ``0 … 2^bits - 1`` over one static range; or symmetric around zero.

    Symmetric ones have their zero point in the middle, ``2^(bits-1)``, and a scale for the larger of both magnitudes:
    the numbers of signed integers, in the form of affine ones for whoever runs them.

    The range is an exponential moving average of what each training batch asks for, corrected for its start at zero as
    in Adam, so that a decay of 0.9999 also serves short trainings. It always contains zero.
    """

    average: torch.Tensor
    """Shape (3,): moving averages of the smallest value, of the largest, and of 1, which tells how far they got."""

    def __init__(self, scheme: QuantizationScheme) -> None:
        """Start with no range: the first batch in training mode sets it."""
        super().__init__()
        self.levels = 2**scheme.activation_bits - 1
        self.is_symmetric = scheme.activation_scheme == "symmetric"
        self.decay = scheme.observer_decay
        self._range_of = range_of(scheme)
        self.register_buffer("average", torch.zeros(3))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The values on their integer grid; gradients pass straight through where the range does not clip."""
        if self.training:
            self.observe(values)
        scale, zero_point = self.parameters_of_grid()
        return FakeQuantize.apply(values, scale, (-zero_point, self.levels - zero_point))

    @torch.no_grad()
    def observe(self, values: torch.Tensor) -> None:
        """Move the range towards that of ``values``.

        On a CPU through plain numbers, which is faster; on a GPU reading them would wait.
        """
        low, high = self._range_of(values)
        if low.device.type == "cpu":
            observed = torch.tensor((min(low.item(), 0.0), max(high.item(), 0.0), 1.0))
        else:
            observed = torch.stack((low.clamp_max(0.0), high.clamp_min(0.0), torch.ones_like(low))).float()
        self.average.lerp_(observed, 1 - self.decay)

    def parameters_of_grid(self) -> tuple[torch.Tensor, Bound]:
        """Scale, float32 of shape (), and zero point, a whole number, of the current range; as in ``observe``."""
        if self.average.device.type == "cpu":
            low, high, seen = self.average.tolist()
            low, high = low / max(seen, TINY), high / max(seen, TINY)
            if self.is_symmetric:
                return torch.tensor(max(max(-low, high) / (self.levels // 2), EPSILON)), self.levels // 2 + 1
            scale = max((high - low) / self.levels, EPSILON)
            return torch.tensor(scale), min(max(round(-low / scale), 0), self.levels)
        low, high = self.average[:2] / self.average[2].clamp_min(TINY)
        if self.is_symmetric:
            scale = (torch.maximum(-low, high) / (self.levels // 2)).clamp_min_(EPSILON)
            return scale, torch.full_like(scale, self.levels // 2 + 1)
        scale = ((high - low) / self.levels).clamp_min_(EPSILON)
        return scale, torch.round(-low / scale).clamp_(0, self.levels)
