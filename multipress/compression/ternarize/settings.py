"""Ternary weights."""

from multipress.compression.quantize.settings import QuantizeSettings


class TernarizeSettings(QuantizeSettings):
    """Step ter: training with ternary weights, activations as in quantize."""
