"""Gates that are closed or open with a probability and have a gradient (Louizos et al. 2018).

A gate is a sample of a stretched concrete distribution, cut off at 0 and 1: z = min(1, max(0, s (high - low) + low)), s
= sigmoid((log u - log(1 - u) + a) / temperature) with u uniform and the gate's location a, which is learned.
"""

import math

import torch

TEMPERATURE = 2 / 3
LOW, HIGH = -0.1, 1.1
"""As published, and in CoFi (Xia et al. 2022)."""

_EDGE = 1e-6
"""Uniform numbers stay so far from 0 and 1."""


def open_probability(location: torch.Tensor) -> torch.Tensor:
    """How likely a gate is not 0: its part of the expected L0 norm."""
    return torch.sigmoid(location - TEMPERATURE * math.log(-LOW / HIGH))


def sample(location: torch.Tensor, uniform: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Gates from 0 to 1, and their derivatives by the locations; all of one shape."""
    noise = torch.logit(uniform.clamp(_EDGE, 1 - _EDGE))
    inner = torch.sigmoid((noise + location) / TEMPERATURE)
    stretched = inner * (HIGH - LOW) + LOW
    inside = (stretched > 0) & (stretched < 1)
    return stretched.clamp(0, 1), inside * (HIGH - LOW) * inner * (1 - inner) / TEMPERATURE


def settled(location: torch.Tensor) -> torch.Tensor:
    """Gates without noise, for a model in evaluation."""
    return (torch.sigmoid(location) * (HIGH - LOW) + LOW).clamp(0, 1)
