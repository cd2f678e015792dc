"""The range that a batch's activations ask for: from end to end, or less, where a few outliers make a grid coarse."""

import math
from collections.abc import Callable
from functools import partial

import torch

from multipress.compression.quantize.scheme import QuantizationScheme

Range = tuple[torch.Tensor, torch.Tensor]
"""Smallest and largest value of a grid, of shape ()."""

_FOR_PERCENTILES, _FOR_ERRORS = 20_000, 4_096
"""Values that are looked at."""

_PARTS = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.32, 0.25, 0.2, 0.15)
"""Of the largest magnitude, candidates for the end of a range."""


def range_of(scheme: QuantizationScheme) -> Callable[[torch.Tensor], Range]:
    """What observes the activations of a batch. A learned range starts with the one of least error."""
    if scheme.activation_range == "percentile":
        return partial(percentile_range, percentile=scheme.range_percentile)
    if scheme.activation_range in ("mse", "learned"):
        return partial(least_error_range, levels=2**scheme.activation_bits - 1)
    return torch.aminmax


def percentile_range(values: torch.Tensor, percentile: float) -> Range:
    """From the (100 - p)th to the pth percentile, of a sample that takes all features alike."""
    sample = _sample(values, _FOR_PERCENTILES)
    beyond = 1 + math.floor(sample.numel() * (1 - percentile / 100))
    return torch.topk(sample, beyond, largest=False).values[-1], torch.topk(sample, beyond).values[-1]


def least_error_range(values: torch.Tensor, levels: int) -> Range:
    """The range with the least mean squared error of rounding to ``levels`` steps, of a sample; first the upper end."""
    sample = _sample(values, _FOR_ERRORS)
    low, high = (end.float() for end in torch.aminmax(values))
    low, high = low.clamp_max(0.0), high.clamp_min(0.0)
    parts = torch.tensor(_PARTS, device=sample.device)
    high = high * parts[_errors(sample, low.expand_as(parts), high * parts, levels).argmin()]
    low = low * parts[_errors(sample, low * parts, high.expand_as(parts), levels).argmin()]
    return low, high


def _errors(sample: torch.Tensor, low: torch.Tensor, high: torch.Tensor, levels: int) -> torch.Tensor:
    """Mean squared errors of candidates, shape (candidates,)."""
    scale = ((high - low) / levels).clamp_min(torch.finfo(torch.float32).eps)[:, None]
    zero = torch.round(-low[:, None] / scale)
    return ((sample / scale).round_().clamp_(-zero, levels - zero) * scale - sample).square_().mean(1)


def _sample(values: torch.Tensor, size: int) -> torch.Tensor:
    """Every so many values, at a stride that no number of features divides with."""
    stride = max(1, values.numel() // size)
    while math.gcd(stride, values.shape[-1]) > 1:
        stride += 1
    return values.detach().flatten()[::stride].float()
