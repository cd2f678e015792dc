"""Masks of two weights in each four, by magnitude."""

import torch

from multipress.compression.prune_groups.groups import GROUP, KEPT


def group_mask(weight: torch.Tensor) -> torch.Tensor:
    """1 for the two largest magnitudes of each four entries along a row, else 0; of equal ones the first stay.

    Args:
        weight: shape (outputs, inputs), inputs a multiple of four; the mask has its shape and kind.
    """
    magnitudes = weight.detach().abs().unflatten(-1, (-1, GROUP))
    kept = magnitudes.argsort(dim=-1, descending=True, stable=True)[..., :KEPT]
    return torch.zeros_like(magnitudes).scatter_(-1, kept, 1.0).flatten(-2)
