"""Quantization-aware training: fake-quantized weights and activations (Jacob et al. 2018; Q8BERT, Zafrir et al. 2019).

Symmetric integer weights, or signs, one scale a tensor or a row; affine or symmetric activations with one static range
a layer, learned as a moving average, or with one for each token. Embeddings, encoder linears and the pooler are
quantized; LayerNorm, softmax, GELU and the classifier stay in float.
"""

import torch
from torch import nn

from multipress.compression.quantize.learned_steps import LearnedQuantizer
from multipress.compression.quantize.rounding import ActivationQuantizer, WeightQuantizer
from multipress.compression.quantize.scheme import MIN_BITS, QuantizationScheme, WeightGrid
from multipress.compression.quantize.signs import SignQuantizer
from multipress.compression.quantize.tokens import TokenQuantizer
from multipress.model.bert import SelfAttention
from multipress.model.layers import Embedding, Linear


class QuantizedLinear(Linear):
    """A linear layer whose input and weight pass through fake quantization; the bias stays in float."""

    trains_on_grid = False
    """Whether the weight is on its grid already while it trains."""
    input_quantizer: TokenQuantizer | ActivationQuantizer | nn.Identity

    def __init__(self, linear: nn.Linear, scheme: QuantizationScheme) -> None:
        """Take over the parameters of ``linear``."""
        super().__init__(linear.in_features, linear.out_features, linear.bias is not None, device="meta")
        self.weight, self.bias = linear.weight, linear.bias
        self.weight_quantizer = _weight_quantizer(linear.out_features, scheme.matrices)
        self.input_quantizer = _activation_quantizer(scheme) if _rounds_inputs(linear) else nn.Identity()

    def inputs(self, values: torch.Tensor) -> torch.Tensor:
        """The values on their grid."""
        return self.input_quantizer(values)

    def kernel(self) -> torch.Tensor:
        """The weight on its grid."""
        return self.weight if self.trains_on_grid and self.training else self.weight_quantizer(self.weight)


def _rounds_inputs(linear: nn.Linear) -> bool:
    return not (isinstance(linear, Linear) and linear.reads_floats)


def _weight_quantizer(rows: int, grid: WeightGrid) -> WeightQuantizer | SignQuantizer:
    return WeightQuantizer(rows, grid) if grid.bits >= MIN_BITS else SignQuantizer(rows, grid)


def _activation_quantizer(scheme: QuantizationScheme) -> TokenQuantizer | ActivationQuantizer:
    if scheme.activation_range == "token":
        return TokenQuantizer()
    return (LearnedQuantizer if scheme.activation_range == "learned" else ActivationQuantizer)(scheme)


class QuantizedEmbedding(Embedding):
    """An embedding table whose rows lie on a grid.

    In training mode the scale of an integer grid follows the largest magnitude of each row as it was when it was last
    read: a step then costs as much as the rows that it reads.
    """

    largest: torch.Tensor
    """Of an integer grid: magnitudes of the largest entries of rows, shape (rows,)."""
    trains_on_grid = False
    """As in ``QuantizedLinear``."""

    def __init__(self, embedding: nn.Embedding, grid: WeightGrid) -> None:
        """Take over the table of ``embedding``."""
        # Without a weight it would draw one; on the device "meta" that loads PyTorch's compiler and sympy, a second.
        rows, columns = embedding.weight.shape
        super().__init__(rows, columns, embedding.padding_idx, _weight=embedding.weight)
        self.weight = embedding.weight
        self.weight_quantizer = _weight_quantizer(embedding.num_embeddings, grid)
        if isinstance(self.weight_quantizer, WeightQuantizer):
            self.register_buffer("largest", _largest(embedding.weight.detach()), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """As ``nn.Embedding``."""
        rows, quantizer = super().forward(ids), self.weight_quantizer
        if self.trains_on_grid and self.training:
            return rows
        if self.training and isinstance(quantizer, WeightQuantizer):
            self.largest[ids] = _largest(rows.detach())
            quantizer.fit(self.largest if quantizer.per_channel else self.largest.max())
        return quantizer.rows(rows, ids)


def _largest(values: torch.Tensor) -> torch.Tensor:
    """Magnitudes of the largest entries along the last dimension."""
    return values.abs().amax(-1)


QUANTIZED = QuantizedLinear | QuantizedEmbedding


def insert_quantizers(model: nn.Module, scheme: QuantizationScheme) -> None:
    """Replace the embeddings, encoder linears and pooler of a BERT classifier by fake-quantized layers, in place.

    Query, key and value read the same activations, so they share one quantizer of them, where they are plain layers.
    """
    for name, module in list(model.named_modules()):
        if not name.startswith("bert.") or isinstance(module, QUANTIZED):
            continue
        if isinstance(module, nn.Linear):
            model.set_submodule(name, QuantizedLinear(module, scheme))
        elif isinstance(module, nn.Embedding):
            is_words = ".word_embeddings" in name
            model.set_submodule(name, QuantizedEmbedding(module, scheme.words if is_words else scheme.places))
    for module in model.modules():
        if isinstance(module, SelfAttention) and isinstance(module.query, QuantizedLinear):
            module.key.input_quantizer = module.value.input_quantizer = module.query.input_quantizer


@torch.no_grad()
def round_weights(model: nn.Module) -> None:
    """Put every quantized weight on its grid for good: evaluation then changes no bit of it."""
    for module in model.modules():
        if isinstance(module, QUANTIZED):
            module.weight_quantizer.settle(module.weight)
