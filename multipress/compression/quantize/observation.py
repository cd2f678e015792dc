"""Ranges of activations from batches, without a training."""

from collections.abc import Iterable

import torch

from multipress.model.bert import BertClassifier
from multipress.model.layers import Dropout
from multipress.training.batches import Batch


@torch.no_grad()
def observe_activations(model: BertClassifier, batches: Iterable[Batch]) -> int:
    """Have the quantizers of a model in training mode observe these batches, without dropout; the number of rows.

    Each range is the mean of what the batches ask for, as far as the scheme's decay is near 1.
    """
    dropouts = [module for module in model.modules() if isinstance(module, Dropout)]
    model.train()
    for dropout in dropouts:
        dropout.eval()
    rows = 0
    for batch in batches:
        model(**batch.inputs)
        rows += batch.size
    model.train()
    return rows
