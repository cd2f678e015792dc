"""An encoder whose layers share their weights."""

from collections.abc import Sequence

import torch

from multipress.model.bert import Encoder, Layer


def shared_encoder(encoder: Encoder, groups: Sequence[int]) -> Encoder:
    """An encoder of as many layers with the first layer of each group in place of the others; nothing is copied.

    Args:
        encoder: each of its layers is applied once.
        groups: the group of each layer, from 0 on, in order.

    Raises:
        ValueError: the groups are not those of neighbouring layers of this encoder.
    """
    firsts = [number for number, group in enumerate(groups) if group not in groups[:number]]
    if len(groups) != len(encoder.layers) or [groups[number] for number in firsts] != list(range(len(firsts))):
        raise ValueError(f"{list(groups)} are no groups of {len(encoder.layers)} layers")
    return Encoder((encoder.layers[number] for number in firsts), groups)


@torch.no_grad()
def average(layers: Sequence[Layer]) -> None:
    """Give the first of some layers of one shape the mean of the weights of all of them, in place."""
    for parameters in zip(*(layer.parameters() for layer in layers), strict=True):
        parameters[0].copy_(torch.stack(parameters).mean(0))
