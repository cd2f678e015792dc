"""The grids of quantized weights and activations."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class GridSettings(Section):
    """What methods that quantize have in common."""

    activation_bits: Literal[8, 16] = Field(
        8, examples=[16], description="Bits of activations; at least those of the weights."
    )
    activation_scheme: Literal["affine", "symmetric"] = Field(
        "affine",
        examples=["symmetric"],
        description="Grid of activations between their smallest and largest value, or around zero.",
    )
    activation_range: Literal["static", "token"] = Field(
        "static",
        examples=["token"],
        description="One range of activations a layer, or one for each token, which no runtime computes in integers.",
    )
    embedding_bits: int | None = Field(
        None,
        ge=1,
        le=16,
        examples=[2],
        description="Bits of the word table: 1 (binary), 2 (ternary) or 3 to 16; null: those of the weights.",
    )
    weight_granularity: Literal["tensor", "channel"] = Field(
        "tensor", examples=["channel"], description="One scale a matrix or one a row."
    )
