"""The quantized layers of a model with ternary weights: those of quantization-aware training."""

from multipress.compression.quantize.structure import rebuild

__all__ = ["rebuild"]
