"""Quantization."""

from pydantic import Field

from multipress.compression.quantize.grid_settings import GridSettings
from multipress.training.settings import LaterSettings


class QuantizeSettings(LaterSettings, GridSettings):
    """Step int<bits>: quantization-aware training of weights and activations."""

    observer_decay: float = Field(
        0.9999, gt=0, lt=1, examples=[0.99], description="Decay of the moving average of activation ranges."
    )
