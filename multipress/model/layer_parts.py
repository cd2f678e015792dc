"""Parts of an encoder layer that can go: attention heads and feed-forward neurons."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from multipress.model.bert import Layer


@dataclass(frozen=True)
class LayerParts:
    """The heads or the neurons of a layer: equal shares, in order, of some outputs and of the inputs that read them."""

    writers: tuple[nn.Linear, ...]
    """Linear layers whose outputs are the parts."""
    reader: nn.Linear
    """The one whose inputs they are, each part on its own."""
    count: int

    @property
    def weights_of_one(self) -> int:
        """Entries of all matrices that go with one part."""
        matrices = [*(writer.weight for writer in self.writers), self.reader.weight]
        return sum(matrix.numel() for matrix in matrices) // self.count

    def keep(self, kept: Sequence[int]) -> None:
        """Cut all parts but these out of the matrices, in place.

        Raises:
            IndexError: there is no such part.
        """
        width = self.reader.in_features // self.count
        places = torch.tensor(kept)[:, None] * width + torch.arange(width)
        for writer in self.writers:
            _keep_outputs(writer, places.flatten())
        _keep_inputs(self.reader, places.flatten())


def heads_of(layer: Layer) -> LayerParts:
    """The attention heads of a layer.

    Raises:
        TypeError: another method has changed its projections.
    """
    attention = layer.attention.self
    writers = tuple(map(_linear, (attention.query, attention.key, attention.value)))
    return LayerParts(writers, _linear(layer.attention.output.dense), attention.heads)


def keep_heads(layer: Layer, kept: Sequence[int]) -> None:
    """Cut all heads but these out of a layer; raises as ``heads_of`` and ``LayerParts.keep`` do."""
    heads_of(layer).keep(kept)
    layer.attention.self.heads, layer.attention.self.kept_heads = len(kept), list(kept)


def neurons_of(layer: Layer) -> LayerParts:
    """The neurons of a layer's feed-forward block; raises as ``heads_of`` does."""
    wide = _linear(layer.intermediate.dense)
    return LayerParts((wide,), _linear(layer.output.dense), wide.out_features)


def keep_shapes(layers: Sequence[Layer], heads: Sequence[Sequence[int]], neurons: Sequence[Sequence[int]]) -> None:
    """Cut all but these heads and neurons out of the layers; raises as ``keep_heads`` does."""
    for layer, of_heads, of_neurons in zip(layers, heads, neurons, strict=True):
        keep_heads(layer, of_heads)
        neurons_of(layer).keep(of_neurons)


def _linear(module: nn.Module) -> nn.Linear:
    if not isinstance(module, nn.Linear):
        raise TypeError(f"{type(module).__name__} has no matrix of which a part could go")
    return module


@torch.no_grad()
def _keep_outputs(linear: nn.Linear, places: torch.Tensor) -> None:
    places = places.to(linear.weight.device)
    linear.weight = nn.Parameter(linear.weight.index_select(0, places))
    if linear.bias is not None:
        linear.bias = nn.Parameter(linear.bias.index_select(0, places))
    linear.out_features = len(places)


@torch.no_grad()
def _keep_inputs(linear: nn.Linear, places: torch.Tensor) -> None:
    linear.weight = nn.Parameter(linear.weight.index_select(1, places.to(linear.weight.device)))
    linear.in_features = len(places)
