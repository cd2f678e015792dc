"""Quantization."""

from typing import Literal

from pydantic import Field

from multipress.training.settings import LaterSettings


class QuantizeSettings(LaterSettings):
    """Step int<bits>: quantization-aware training of weights and activations."""

    activation_bits: Literal[8, 16] = Field(
        8, examples=[16], description="Bits of activations; at least those of the weights."
    )
    activation_scheme: Literal["affine", "symmetric"] = Field(
        "affine",
        examples=["symmetric"],
        description="Grid of activations between their smallest and largest value, or around zero.",
    )
    observer_decay: float = Field(
        0.9999, gt=0, lt=1, examples=[0.99], description="Decay of the moving average of activation ranges."
    )
    weight_granularity: Literal["tensor", "channel"] = Field(
        "tensor", examples=["channel"], description="One scale a matrix or one a row."
    )
