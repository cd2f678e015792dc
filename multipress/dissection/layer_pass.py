"""A BERT computed layer by layer, so that what a layer leaves can be dropped before the next one."""

from collections.abc import Iterator

import numpy as np
import torch

from multipress.core.errors import UserError
from multipress.data.tokens import Tokens
from multipress.model.bert import Bert, BertClassifier
from multipress.training.batches import Batch, Rows


def read_layers(
    model: BertClassifier, batch: Batch, with_scores: bool = False
) -> Iterator[tuple[torch.Tensor, torch.Tensor | None]]:
    """Hidden states of shape (rows, length, width) after embeddings and each layer, with the layer's attention scores.

    Scores are those before mask and softmax, shape (rows, heads, length, length); None of the embeddings, and where
    they are not asked for.
    """
    hidden, mask = model.bert.embed(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    yield hidden, None
    for layer in model.bert.encoder.layers:
        scores: list[torch.Tensor] = []
        hidden = layer(hidden, mask, first_only=False, scores=scores if with_scores else None)
        yield hidden, scores[0] if scores else None


def mean_state(hidden: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """The mean over a row's real positions, shape (rows, width), of states of shape (rows, length, width)."""
    if mask is None:
        return hidden.mean(1)
    present = mask[:, :, None].to(hidden.dtype)
    return (hidden * present).sum(1) / present.sum(1)


def batches(tokens: Tokens, batch_size: int, device: torch.device) -> Iterator[tuple[np.ndarray, Batch]]:
    """All rows, those of similar length together: the numbers of a batch's rows, and the batch."""
    rows = Rows(tokens, device)
    order = np.argsort(tokens.lengths, kind="stable")
    for first in range(0, len(order), batch_size):
        numbers = order[first : first + batch_size]
        yield numbers, rows.batch(numbers)


def check_layers(model: BertClassifier, name: str) -> None:
    """Refuse a model without Transformer layers.

    Raises:
        UserError: it has none.
    """
    if not isinstance(model.bert, Bert):
        raise UserError(
            f"{name} has no Transformer layers, which are what is compared: leave it out of dissection.recipes"
        )
