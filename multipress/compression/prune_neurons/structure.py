"""Feed-forward blocks with fewer neurons in place of a model's own, from what its checkpoint says."""

from typing import Any

from multipress.model.bert import BertClassifier
from multipress.model.layer_parts import neurons_of


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Cut the blocks to their sizes; their numbers come with the weights.

    Args:
        model: with all its neurons.
        structure: ``neurons``, how many each layer has.
    """
    for layer, count in zip(model.bert.encoder.held, structure["neurons"], strict=True):
        neurons_of(layer).keep(range(count))
