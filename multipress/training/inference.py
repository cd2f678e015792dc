"""Logits of a model for many rows."""

from collections.abc import Callable

import numpy as np
import torch

from multipress.data.tokens import Tokens
from multipress.model.bert import BertClassifier
from multipress.model.exits import Exits
from multipress.training.batches import Rows


def compute_logits(model: BertClassifier, tokens: Tokens, batch_size: int, device: torch.device) -> np.ndarray:
    """Logits of shape (rows, outputs), float32, in the order of the rows; batches go by length."""
    return logits_in_batches(model.to(device).eval(), model.config.outputs, tokens, batch_size, device)


def compute_answers(model: BertClassifier, tokens: Tokens, batch_size: int, device: torch.device) -> np.ndarray:
    """Logits of each exit and of the head on all rows, float32 of shape (layers, rows, outputs)."""
    exits = model.to(device).eval().exits
    assert isinstance(exits, Exits)

    def forward(**inputs: torch.Tensor) -> torch.Tensor:
        return exits.answers(model, **inputs).transpose(0, 1).flatten(1)

    layers, outputs = len(exits) + 1, model.config.outputs
    joint = logits_in_batches(forward, layers * outputs, tokens, batch_size, device)
    return joint.reshape(len(tokens), layers, outputs).transpose(1, 0, 2)


@torch.inference_mode()
def logits_in_batches(
    forward: Callable[..., torch.Tensor], outputs: int, tokens: Tokens, batch_size: int, device: torch.device
) -> np.ndarray:
    """Logits, as above, of anything that is called as a ``BertClassifier`` is, with tensors on the device."""
    rows = Rows(tokens, device)
    order = np.argsort(tokens.lengths, kind="stable")
    parts = []
    for first in range(0, len(order), batch_size):
        batch = rows.batch(order[first : first + batch_size])
        parts.append(forward(**batch.inputs).float())
    sorted_logits = torch.cat(parts).cpu().numpy() if parts else np.zeros((0, outputs), dtype=np.float32)
    logits = np.empty_like(sorted_logits)
    logits[order] = sorted_logits
    return logits


def predict(kind: str, logits: np.ndarray) -> np.ndarray:
    """Label ids, or values for regression, of shape (rows,), from logits of shape (rows, outputs)."""
    return logits[:, 0] if kind == "regression" else logits.argmax(axis=1)
