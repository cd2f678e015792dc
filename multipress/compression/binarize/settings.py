"""Binary weights."""

from multipress.compression.quantize.settings import QuantizeSettings


class BinarizeSettings(QuantizeSettings):
    """Step bin: training with binary weights, activations as in quantize."""
