"""Static post-training quantization: the ranges of activations from a few training rows, no weight moved by learning.

The grids are those of quantization-aware training, so that both differ in nothing but training.
"""

from collections.abc import Iterable

import torch

from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.model.bert import BertClassifier
from multipress.model.layers import Dropout
from multipress.training.batches import Batch


@torch.no_grad()
def calibrate(model: BertClassifier, scheme: QuantizationScheme, batches: Iterable[Batch]) -> int:
    """Quantize a float model in place, on its device; the number of rows that the ranges come from.

    Each range is the mean of the batches' smallest and largest values, as far as the scheme's decay is near 1.
    """
    device = model.classifier.weight.device
    insert_quantizers(model, scheme)
    model.to(device)
    dropouts = [module for module in model.modules() if isinstance(module, Dropout)]
    model.train()
    for dropout in dropouts:
        dropout.eval()
    rows = 0
    for batch in batches:
        model(**batch.inputs)
        rows += batch.size
    round_weights(model)
    return rows
