"""The quantized layers of a model with binary weights: those of quantization-aware training."""

from multipress.compression.quantize.structure import rebuild

__all__ = ["rebuild"]
