"""Layers with fewer heads and neurons in place of a model's own, from what its checkpoint says."""

from typing import Any

from multipress.model.bert import BertClassifier
from multipress.model.layer_parts import keep_heads, neurons_of


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Cut the layers to their shapes; the numbers come with the weights.

    Args:
        model: with all its heads and neurons.
        structure: for each layer ``heads``, the indices of those that stay, and ``neurons``, how many it has.
    """
    layers = model.bert.encoder.held
    for layer, heads, neurons in zip(layers, structure["heads"], structure["neurons"], strict=True):
        keep_heads(layer, heads)
        neurons_of(layer).keep(range(neurons))
