"""The quantized layers of a calibrated model: those of quantization-aware training."""

from multipress.compression.quantize.structure import rebuild

__all__ = ["rebuild"]
