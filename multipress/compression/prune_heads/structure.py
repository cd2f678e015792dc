"""Layers with fewer heads in place of a model's own, from what its checkpoint says."""

from typing import Any

from multipress.model.bert import BertClassifier
from multipress.model.layer_parts import keep_heads


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Cut the heads out that were cut out; the numbers of the others come with the weights.

    Args:
        model: with all its heads.
        structure: ``heads``, the indices of those that stay, for each layer.
    """
    for layer, heads in zip(model.bert.encoder.held, structure["heads"], strict=True):
        keep_heads(layer, heads)
