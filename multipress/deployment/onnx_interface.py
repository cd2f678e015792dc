"""The interface of an exported model: inputs, output and metadata."""

import numpy as np
import torch

from multipress.data.text_format import TextFormat
from multipress.model.bert import BertConfig

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""int64, of shape (batch, length)."""

OUTPUT = "logits"
"""float32, of shape (batch, outputs)."""

CONFIG, TEXT = "multipress.config", "multipress.text"
"""Keys of the metadata: the model's configuration and the form of its rows, as JSON."""


def feed(
    input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None, token_type_ids: torch.Tensor | None = None
) -> dict[str, np.ndarray]:
    """A batch as a ``BertClassifier`` takes it, by the names of an exported model's inputs; shapes (rows, length)."""
    ids = input_ids.numpy()
    mask = np.ones_like(ids) if attention_mask is None else attention_mask.numpy().astype(np.int64)
    segments = np.zeros_like(ids) if token_type_ids is None else token_type_ids.numpy()
    return dict(zip(INPUTS, (ids, mask, segments), strict=True))


def metadata(config: BertConfig, text: TextFormat) -> dict[str, str]:
    """The metadata of an exported model."""
    return {CONFIG: config.model_dump_json(), TEXT: text.model_dump_json()}
