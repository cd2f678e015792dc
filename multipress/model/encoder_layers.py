"""Layers of an encoder by the names of its tensors."""

import re
from collections.abc import Mapping, Sequence

import torch

_LAYER = re.compile(r"(?P<before>(?:^|.*\.)encoder\.layer\.)(?P<number>\d+)(?P<after>\..*)")


def with_layers(tensors: Mapping[str, torch.Tensor], kept: Sequence[int]) -> dict[str, torch.Tensor]:
    """The tensors of an encoder that keeps some layers, numbered anew in their order; all others stay as they are."""
    numbers = {old: new for new, old in enumerate(kept)}
    found: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        match = _LAYER.fullmatch(name)
        if match is None:
            found[name] = tensor
        elif int(match["number"]) in numbers:
            found[f"{match['before']}{numbers[int(match['number'])]}{match['after']}"] = tensor
    return found
