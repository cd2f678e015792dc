"""The batches that latency is measured on: random rows of one length, and a typical batch of a task's own rows."""

import numpy as np
import torch

from multipress.data.tokens import Tokens
from multipress.training.batches import Rows

Inputs = dict[str, torch.Tensor | None]
"""Keyword arguments of a BERT: int64 ids and segments and a boolean mask of shape (rows, length), or None."""

DRAWS = 101
"""Batches of a task's rows of which the typical one is taken."""


def random_batch(vocabulary: int, rows: int, length: int) -> Inputs:
    """Rows of random words, none of them padded; they are the same at each call."""
    generator = np.random.default_rng(0)
    ids = generator.integers(1, vocabulary, (rows, length), dtype=np.int64)
    return {"input_ids": torch.from_numpy(ids), "attention_mask": None, "token_type_ids": None}


def typical_batch(tokens: Tokens, rows: int) -> Inputs:
    """The batch of median length among many random ones of a task, padded to its longest row; the same at each call.

    Where the task has fewer rows than the batch, some occur twice.
    """
    generator = np.random.default_rng(0)
    draws = [generator.choice(len(tokens), rows, replace=len(tokens) < rows) for _ in range(DRAWS)]
    draws.sort(key=lambda draw: int(tokens.lengths[draw].max()))
    return Rows(tokens, torch.device("cpu")).batch(draws[DRAWS // 2]).inputs


def on_device(inputs: Inputs, device: torch.device) -> Inputs:
    """A batch moved to a device."""
    return {name: None if values is None else values.to(device) for name, values in inputs.items()}
