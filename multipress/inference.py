"""Logits of a model for many rows."""

import numpy as np
import torch

from multipress.batches import collate
from multipress.bert import BertClassifier
from multipress.data.tokens import Tokens


@torch.inference_mode()
def compute_logits(model: BertClassifier, tokens: Tokens, batch_size: int, device: torch.device) -> np.ndarray:
    """Logits of shape (rows, outputs), float32, in the order of the rows; batches go by length."""
    model = model.to(device).eval()
    order = np.argsort(tokens.lengths, kind="stable")
    parts = []
    for first in range(0, len(order), batch_size):
        batch = collate(tokens, order[first : first + batch_size], device)
        parts.append(model(**batch.inputs).float().cpu().numpy())
    sorted_logits = np.concatenate(parts) if parts else np.zeros((0, model.config.outputs), dtype=np.float32)
    logits = np.empty_like(sorted_logits)
    logits[order] = sorted_logits
    return logits
