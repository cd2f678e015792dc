"""The interface of an exported model: inputs, output and metadata."""

from typing import TYPE_CHECKING

import numpy as np

from multipress.data.text_format import TextFormat
from multipress.data.tokens import Tokens
from multipress.model.config import BertConfig

if TYPE_CHECKING:  # the base of the package does without
    import torch

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""int64, of shape (batch, length)."""

OUTPUT = "logits"
"""float32, of shape (batch, outputs)."""

CONFIG, TEXT = "multipress.config", "multipress.text"
"""Keys of the metadata: the model's configuration and the form of its rows, as JSON."""


def feed(
    input_ids: "torch.Tensor",
    attention_mask: "torch.Tensor | None" = None,
    token_type_ids: "torch.Tensor | None" = None,
) -> dict[str, np.ndarray]:
    """A batch as a ``BertClassifier`` takes it, by the names of an exported model's inputs; shapes (rows, length)."""
    ids = input_ids.numpy()
    mask = np.ones_like(ids) if attention_mask is None else attention_mask.numpy().astype(np.int64)
    segments = np.zeros_like(ids) if token_type_ids is None else token_type_ids.numpy()
    return dict(zip(INPUTS, (ids, mask, segments), strict=True))


def feed_of_rows(tokens: Tokens, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The rows of these numbers, padded with id 0 to the longest of them, by the names of the inputs."""
    lengths = tokens.lengths[rows, None]
    positions = np.arange(lengths.max())
    mask = positions < lengths
    entries = np.minimum(tokens.offsets[rows, None] + positions, len(tokens.ids) - 1)
    ids = np.where(mask, tokens.ids[entries], 0).astype(np.int64)
    segments = (positions >= tokens.first_lengths[rows, None]) & mask
    return dict(zip(INPUTS, (ids, mask.astype(np.int64), segments.astype(np.int64)), strict=True))


def metadata(config: BertConfig, text: TextFormat) -> dict[str, str]:
    """The metadata of an exported model."""
    return {CONFIG: config.model_dump_json(), TEXT: text.model_dump_json()}
