"""Shared layers in place of a model's own, from what its checkpoint says."""

from typing import Any

from multipress.compression.share_layers.layers import shared_encoder
from multipress.model.bert import BertClassifier


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Let the layers share; ``groups`` has the group of each."""
    model.bert.encoder = shared_encoder(model.bert.encoder, structure["groups"])
