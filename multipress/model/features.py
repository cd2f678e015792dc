"""What a BERT computes on the way to its logits: hidden states and attention scores of every layer."""

from dataclasses import dataclass

import torch

from multipress.model.bert import BertClassifier


@dataclass(frozen=True)
class Features:
    """Of a batch of rows; padded positions hold numbers that mean nothing."""

    logits: torch.Tensor
    """Shape (rows, outputs)."""
    hidden: list[torch.Tensor]
    """The output of the embeddings, then of each layer; shape (rows, length, hidden)."""
    scores: list[torch.Tensor]
    """Of each layer's own heads, before mask and softmax; shape (rows, heads, length, length)."""


def read_features(
    model: BertClassifier,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    token_type_ids: torch.Tensor | None = None,
) -> Features:
    """The logits of the model, and all that leads to them; inputs are those of the model."""
    hidden, mask = model.bert.embed(input_ids, attention_mask, token_type_ids)
    states: list[torch.Tensor] = [hidden]
    scores: list[torch.Tensor] = []
    for layer in model.bert.encoder.layers:
        states.append(layer(states[-1], mask, first_only=False, scores=scores))
    pooled = model.bert.pool(states[-1])
    return Features(model.classifier(model.dropout(pooled)), states, scores)
