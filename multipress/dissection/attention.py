"""How far two models' attention is apart: the Jensen-Shannon divergence of their heads' distributions over keys."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from multipress.core.errors import UserError
from multipress.data.tokens import Tokens
from multipress.dissection.layer_pass import batches, read_layers
from multipress.model.bert import BertClassifier, Layer
from multipress.training.batches import Batch


class LayerDivergence(NamedTuple):
    """Of a layer and the other model's layer that it is compared with."""

    layer: int
    """From 1 on, as the other one's."""
    against_layer: int
    heads: int
    """How many are compared: those that both have."""
    divergence: float
    """Mean over queries and heads, in bits; NaN where no head is common."""


@torch.inference_mode()
def compare_attention(
    model: BertClassifier,
    other: BertClassifier,
    layers: Sequence[int],
    tokens: Tokens,
    batch_size: int,
    device: torch.device,
) -> list[LayerDivergence]:
    """The divergence of each layer; one layer's attention of both models is in memory at a time.

    Args:
        model: a BERT.
        other: a BERT of the same heads, of which either may lack some.
        layers: for each layer of ``model`` the number of the other's layer, ascending.
        tokens: the rows that both read.
        batch_size: rows at once.
        device: where both compute.

    Raises:
        UserError: the other model has no such layers.
    """
    own, others = model.to(device).bert.encoder.layers, other.to(device).bert.encoder.layers
    if len(layers) != len(own) or sorted(set(layers)) != list(layers) or layers[-1] > len(others):
        raise UserError(
            f"{len(own)} layers do not come from those of a parent with {len(others)}: make both models again"
        )
    heads = [common_heads(layer, others[number - 1]) for layer, number in zip(own, layers, strict=True)]
    totals, queries = [0.0] * len(own), 0
    for _, batch in batches(tokens, batch_size, device):
        real = (
            torch.ones_like(batch.input_ids, dtype=torch.bool) if batch.attention_mask is None else batch.attention_mask
        )
        queries += int(real.sum())
        for place, (ours, theirs) in enumerate(_paired(model, other, layers, batch)):
            kept, kept_by_other = heads[place]
            if kept:
                apart = divergences(ours[:, kept], theirs[:, kept_by_other], real)
                totals[place] += float(apart[real].sum(dtype=torch.float64))
    return [
        LayerDivergence(place, number, len(kept), total / queries if kept else math.nan)
        for place, (number, (kept, _), total) in enumerate(zip(layers, heads, totals, strict=True), start=1)
    ]


def _paired(
    model: BertClassifier, other: BertClassifier, layers: Sequence[int], batch: Batch
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The scores of each layer of a model, and those of the layer that it is compared with."""
    others = enumerate(read_layers(other, batch, with_scores=True))
    for (_, ours), number in zip(_from_first_layer(model, batch), layers, strict=True):
        theirs = next(scores for place, (_, scores) in others if place == number)
        assert ours is not None
        assert theirs is not None
        yield ours, theirs


def _from_first_layer(model: BertClassifier, batch: Batch) -> Iterator[tuple[torch.Tensor, torch.Tensor | None]]:
    states = read_layers(model, batch, with_scores=True)
    next(states)
    return states


def common_heads(layer: Layer, other: Layer) -> tuple[list[int], list[int]]:
    """The places, in each of two layers, of the attention heads that both have kept of the configured ones."""
    ours, theirs = _kept(layer), _kept(other)
    common = sorted(set(ours) & set(theirs))
    return [ours.index(head) for head in common], [theirs.index(head) for head in common]


def _kept(layer: Layer) -> list[int]:
    attention = layer.attention.self
    return list(range(attention.heads)) if attention.kept_heads is None else attention.kept_heads


def divergences(scores: torch.Tensor, others: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """By query the mean over heads, in bits, shape (rows, length); of padded queries it means nothing.

    Args:
        scores: before mask and softmax, shape (rows, heads, length, length).
        others: those of the same heads of another model.
        real: whether each position is no padding, shape (rows, length).
    """
    keys = real[:, None, None, :]
    first, second = (each.float().masked_fill(~keys, -torch.inf).softmax(-1) for each in (scores, others))
    return jensen_shannon(first, second).mean(1)


def jensen_shannon(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """½ KL(p‖m) + ½ KL(q‖m) with m = (p + q) / 2, of distributions along the last axis, in bits: from 0 to 1."""
    mixed = _entropy((first + second) / 2)
    return ((mixed - (_entropy(first) + _entropy(second)) / 2) / math.log(2)).clamp(0, 1)


def _entropy(distributions: torch.Tensor) -> torch.Tensor:
    return torch.special.entr(distributions).sum(-1)
