"""Quantization-aware training: fake-quantized weights and activations (Jacob et al. 2018; Q8BERT, Zafrir et al. 2019).

Symmetric integer weights, one scale a tensor or a row; affine activations with one static range a layer, learned as a
moving average. Embeddings, encoder linears and the pooler are quantized; LayerNorm, softmax, GELU and the classifier
stay in float.
"""

from typing import Literal

import torch
from torch import nn

from multipress.bert import SelfAttention
from multipress.config.base import Section
from multipress.config.training import QuantizeSettings
from multipress.layers import Embedding, Linear


class QuantizationScheme(Section):
    """What a quantized checkpoint's quantization.json says: all it takes to rebuild the layers."""

    version: Literal[1] = 1
    weight_bits: int
    weight_granularity: Literal["tensor", "channel"]
    activation_bits: int
    observer_decay: float


def scheme(settings: QuantizeSettings, weight_bits: int) -> QuantizationScheme:
    """The scheme that the settings and a recipe's bits ask for."""
    return QuantizationScheme(
        weight_bits=weight_bits,
        weight_granularity=settings.weight_granularity,
        activation_bits=settings.activation_bits,
        observer_decay=settings.observer_decay,
    )


Bound = torch.Tensor | float

TINY, EPSILON = torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).eps


class FakeQuantize(torch.autograd.Function):
    """Round values to an integer grid and back; the numbers and gradients of ``torch.fake_quantize_*``.

    Those core functions take five times as long on a CPU as the four operations here.
    """

    @staticmethod
    def forward(
        context: torch.autograd.function.FunctionCtx,
        values: torch.Tensor,
        scale: torch.Tensor,
        bounds: tuple[Bound, Bound] | None,
    ) -> torch.Tensor:
        """``round(values / scale)`` within the bounds, times ``scale``, which broadcasts against the values.

        Bounds are whole numbers; None: no value lies outside the grid.
        """
        steps = (values * scale.reciprocal()).round_()
        if bounds is None:
            return steps.mul_(scale)
        context.bounds = bounds
        context.save_for_backward(steps)
        return steps.clamp(*bounds).mul_(scale)

    @staticmethod
    def backward(
        context: torch.autograd.function.FunctionCtx, gradient: torch.Tensor
    ) -> tuple[torch.Tensor, None, None]:
        """Straight through, but for clipped values."""
        if context.saved_tensors:
            gradient = _zero_outside(gradient, *context.saved_tensors, *context.bounds)
        return gradient, None, None


def _zero_outside(gradient: torch.Tensor, steps: torch.Tensor, low: Bound, high: Bound) -> torch.Tensor:
    """The gradient where whole ``steps`` lie within the bounds, else 0."""
    if isinstance(low, torch.Tensor):
        return gradient * ((steps >= low) & (steps <= high))
    # A CPU is slow at comparisons; this core function compares and selects in one pass, and its bounds are exclusive.
    return torch.ops.aten.hardtanh_backward(gradient, steps, low - 0.5, high + 0.5)


class WeightQuantizer(nn.Module):
    """Symmetric fake quantization of a matrix to ``-(2^(bits-1) - 1) … 2^(bits-1) - 1`` times a scale.

    The scale follows the largest magnitude in training mode and is a stored buffer in evaluation mode: of shape
    (), or (rows,) with granularity ``channel``.
    """

    scale: torch.Tensor

    def __init__(self, rows: int, scheme: QuantizationScheme) -> None:
        """Quantize matrices of so many rows."""
        super().__init__()
        self.limit = 2 ** (scheme.weight_bits - 1) - 1
        self.per_channel = scheme.weight_granularity == "channel"
        self.register_buffer("scale", torch.ones(rows if self.per_channel else ()))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """The weight on its integer grid; gradients pass straight through."""
        if self.training:
            self.observe(weight)
        return self.to_grid(weight, self.scale[:, None] if self.per_channel else self.scale)

    def to_grid(self, values: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        """Values on the grid; in training mode the scale is large enough for all of them."""
        return FakeQuantize.apply(values, scale, None if self.training else (-self.limit, self.limit))

    @torch.no_grad()
    def observe(self, weight: torch.Tensor) -> None:
        """Set the scale so that the largest magnitude is representable."""
        low, high = torch.aminmax(weight.detach(), dim=1) if self.per_channel else torch.aminmax(weight.detach())
        self.fit(torch.maximum(-low, high))

    @torch.no_grad()
    def fit(self, largest: torch.Tensor) -> None:
        """Set the scale from the largest magnitudes, of the scale's shape."""
        self.scale.copy_(largest).div_(self.limit).clamp_min_(TINY)


class ActivationQuantizer(nn.Module):
    """Affine fake quantization of activations to ``0 … 2^bits - 1`` over one static range.

    The range is an exponential moving average of each training batch's smallest and largest value, corrected for its
    start at zero as in Adam, so that a decay of 0.9999 also serves short trainings. It always contains zero.
    """

    low: torch.Tensor
    high: torch.Tensor
    seen: torch.Tensor

    def __init__(self, scheme: QuantizationScheme) -> None:
        """Start with no range: the first batch in training mode sets it."""
        super().__init__()
        self.levels = 2**scheme.activation_bits - 1
        self.decay = scheme.observer_decay
        for name in ("low", "high", "seen"):
            self.register_buffer(name, torch.zeros(()))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The values on their integer grid; gradients pass straight through where the range does not clip."""
        if self.training:
            self.observe(values)
        scale, zero_point = self.parameters_of_grid()
        return FakeQuantize.apply(values, scale, (-zero_point, self.levels - zero_point))

    @torch.no_grad()
    def observe(self, values: torch.Tensor) -> None:
        """Move the range towards that of ``values``.

        On a CPU with plain numbers, as tensors of one number cost ten times as much; on a GPU reading them would wait.
        """
        low, high = torch.aminmax(values.detach())
        if low.device.type == "cpu":
            moved = (min(float(low), 0.0), max(float(high), 0.0), 1.0)
            for average, value in zip((self.low, self.high, self.seen), moved, strict=True):
                average.fill_(self.decay * float(average) + (1 - self.decay) * value)
        else:
            self.low.lerp_(low.float().clamp_max_(0.0), 1 - self.decay)
            self.high.lerp_(high.float().clamp_min_(0.0), 1 - self.decay)
            self.seen.lerp_(torch.ones_like(self.seen), 1 - self.decay)

    def parameters_of_grid(self) -> tuple[torch.Tensor, Bound]:
        """Scale, float32 of shape (), and zero point, a whole number, of the current range.

        The zero point is a plain number on a CPU, where that is faster, and a tensor where reading it would wait.
        """
        if self.low.device.type == "cpu":
            low, high, seen = (float(value) for value in (self.low, self.high, self.seen))
            scale = max((high - low) / max(seen, TINY) / self.levels, EPSILON)
            return torch.tensor(scale), min(max(round(-low / max(seen, TINY) / scale), 0), self.levels)
        seen = self.seen.clamp_min(TINY)
        low, high = self.low / seen, self.high / seen
        scale = ((high - low) / self.levels).clamp_min_(EPSILON)
        return scale, torch.round(-low / scale).clamp_(0, self.levels)


class QuantizedLinear(Linear):
    """A linear layer whose input and weight pass through fake quantization; the bias stays in float."""

    def __init__(self, linear: nn.Linear, scheme: QuantizationScheme) -> None:
        """Take over the parameters of ``linear``."""
        super().__init__(linear.in_features, linear.out_features, linear.bias is not None, device="meta")
        self.weight, self.bias = linear.weight, linear.bias
        self.weight_quantizer = WeightQuantizer(linear.out_features, scheme)
        self.input_quantizer = ActivationQuantizer(scheme)

    def inputs(self, values: torch.Tensor) -> torch.Tensor:
        """The values on their grid."""
        return self.input_quantizer(values)

    def kernel(self) -> torch.Tensor:
        """The weight on its grid."""
        return self.weight_quantizer(self.weight)


class QuantizedEmbedding(Embedding):
    """An embedding table whose rows lie on an integer grid.

    In training mode the scale follows the largest magnitude of each row as it was when it was last read: a step then
    costs as much as the rows that it reads.
    """

    largest: torch.Tensor

    def __init__(self, embedding: nn.Embedding, scheme: QuantizationScheme) -> None:
        """Take over the table of ``embedding``."""
        super().__init__(embedding.num_embeddings, embedding.embedding_dim, embedding.padding_idx, device="meta")
        self.weight = embedding.weight
        self.weight_quantizer = WeightQuantizer(embedding.num_embeddings, scheme)
        self.register_buffer("largest", _largest(embedding.weight.detach()), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """As ``nn.Embedding``."""
        rows, quantizer = super().forward(ids), self.weight_quantizer
        if self.training:
            self.largest[ids] = _largest(rows.detach())
            quantizer.fit(self.largest if quantizer.per_channel else self.largest.max())
        return quantizer.to_grid(rows, quantizer.scale[ids][..., None] if quantizer.per_channel else quantizer.scale)


def _largest(values: torch.Tensor) -> torch.Tensor:
    """Magnitudes of the largest entries along the last dimension."""
    return values.abs().amax(-1)


def insert_quantizers(model: nn.Module, scheme: QuantizationScheme) -> None:
    """Replace the embeddings, encoder linears and pooler of a BERT classifier by fake-quantized layers, in place.

    Query, key and value read the same activations, so they share one quantizer of them.
    """
    for name, module in list(model.named_modules()):
        if not name.startswith("bert.") or isinstance(module, QuantizedLinear | QuantizedEmbedding):
            continue
        if isinstance(module, nn.Linear):
            model.set_submodule(name, QuantizedLinear(module, scheme))
        elif isinstance(module, nn.Embedding):
            model.set_submodule(name, QuantizedEmbedding(module, scheme))
    for module in model.modules():
        if isinstance(module, SelfAttention):
            module.key.input_quantizer = module.value.input_quantizer = module.query.input_quantizer


@torch.no_grad()
def settle(model: nn.Module) -> None:
    """Put every quantized weight on its grid for good: evaluation then changes no bit of it."""
    for module in model.modules():
        if isinstance(module, QuantizedLinear | QuantizedEmbedding):
            quantizer = module.weight_quantizer
            quantizer.observe(module.weight)
            quantizer.eval()
            module.weight.copy_(quantizer(module.weight))
            quantizer.train(module.training)


def quantized_weights(model: nn.Module) -> dict[str, int]:
    """Names of the quantized weights and the number of scales of each."""
    return {
        f"{name}.weight": module.weight_quantizer.scale.numel()
        for name, module in model.named_modules()
        if isinstance(module, QuantizedLinear | QuantizedEmbedding)
    }
