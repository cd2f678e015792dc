"""One step of AdamW (Loshchilov and Hutter 2019) by PyTorch's fused kernel.

The kernel is called by itself: making an object of the class ``torch.optim.AdamW`` loads PyTorch's compiler and sympy,
a second of a job that may train for less.
"""

from typing import NamedTuple

import torch
from torch.optim.adamw import adamw

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class Moments(NamedTuple):
    """Running means of a tensor's gradients and of their squares, each of its shape."""

    first: torch.Tensor
    second: torch.Tensor

    @classmethod
    def of(cls, weights: torch.Tensor) -> "Moments":
        """Those before the first step."""
        return cls(torch.zeros_like(weights), torch.zeros_like(weights))


@torch.no_grad()
def step(
    weights: torch.Tensor, gradient: torch.Tensor, moments: Moments, done: int, rate: float, weight_decay: float
) -> None:
    """Update weights and moments in place, after ``done`` steps before this one."""
    adamw(
        [weights],
        [gradient],
        [moments.first],
        [moments.second],
        [],
        [torch.tensor(float(done), device=weights.device)],
        fused=True,
        amsgrad=False,
        beta1=BETAS[0],
        beta2=BETAS[1],
        lr=rate,
        weight_decay=weight_decay,
        eps=EPSILON,
        maximize=False,
    )
