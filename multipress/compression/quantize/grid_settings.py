"""The grids of quantized weights and activations."""

from typing import Literal

from pydantic import Field

from multipress.compression.quantize.scheme import ActivationRange
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
    activation_range: ActivationRange = Field(
        "minmax",
        examples=["percentile", "token"],
        description="A layer's range: minmax, mse or percentile, the mean over batches of their ends, of the range of "
        "least squared error, or of range_percentile; learned, with the weights; token: one for each token, which no "
        "runtime computes in integers.",
    )
    range_percentile: float = Field(
        99.5,
        gt=50,
        le=100,
        examples=[99.9],
        description="Where activation_range is percentile: of activations, % below the upper end and above the lower.",
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
