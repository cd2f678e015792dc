"""Post-training quantization."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class CalibrateSettings(Section):
    """Step ptq<bits>: post-training quantization, calibrated on training rows."""

    rows: int = Field(
        512,
        ge=1,
        le=1_000_000,
        examples=[64],
        description="Training rows for the ranges of activations, up to whole batches.",
    )
    batch_size: int = Field(
        32, ge=1, le=65_536, examples=[16], description="Rows in a batch, each of which has a say in the ranges."
    )
    activation_bits: Literal[8, 16] = Field(
        8, examples=[16], description="Bits of activations; at least those of the weights."
    )
    activation_scheme: Literal["affine", "symmetric"] = Field(
        "affine",
        examples=["symmetric"],
        description="Grid of activations between their smallest and largest value, or around zero.",
    )
    weight_granularity: Literal["tensor", "channel"] = Field(
        "tensor", examples=["channel"], description="One scale a matrix or one a row."
    )
