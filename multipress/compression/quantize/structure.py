"""Quantized layers in place of a model's float ones, from what its checkpoint says."""

from typing import Any

from multipress.compression.quantize.layers import insert_quantizers
from multipress.compression.quantize.scheme import QuantizationScheme
from multipress.compression.quantize.signs import SignQuantizer
from multipress.model.bert import BertClassifier


def rebuild(model: BertClassifier, structure: dict[str, Any]) -> None:
    """Insert the quantizers; their ranges and scales come with the weights."""
    insert_quantizers(model, QuantizationScheme.model_validate(structure))
    for module in model.modules():
        if isinstance(module, SignQuantizer):
            module.is_settled = True
