"""Layers with fewer heads and neurons in place of a model's own, from what its checkpoint says."""

from typing import Any

from multipress.model.bert import BertClassifier
from multipress.model.layer_parts import keep_shapes


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Cut the layers to their shapes; the numbers come with the weights.

    Args:
        model: with all its heads and neurons.
        structure: for each layer ``heads``, the indices of those that stay, and ``neurons``, how many it has.
    """
    keep_shapes(model.bert.encoder.held, structure["heads"], [range(count) for count in structure["neurons"]])
