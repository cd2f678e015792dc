"""Static post-training quantization: the ranges of activations from a few training rows, no weight moved by learning.

The grids are those of quantization-aware training, so that both differ in nothing but training.
"""

from collections.abc import Iterable

from multipress.compression.quantize.layers import insert_quantizers, round_weights
from multipress.compression.quantize.observation import observe_activations
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.model.bert import BertClassifier
from multipress.training.batches import Batch


def calibrate(model: BertClassifier, scheme: QuantizationScheme, batches: Iterable[Batch]) -> int:
    """Quantize a float model in place, on its device; the number of rows that the ranges come from."""
    device = model.classifier.weight.device
    insert_quantizers(model, scheme)
    model.to(device)
    rows = observe_activations(model, batches)
    round_weights(model)
    return rows
