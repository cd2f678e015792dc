"""How a quantized model's numbers are rounded: what steps.json says of its layers."""

from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from multipress.core.settings import Section

BINARY, TERNARY = 1, 2
"""Widths that stand for grids of two and of three values: signs, and signs or zero, times a scale."""

MIN_BITS, MAX_BITS = 3, 16
"""Of integer grids: with 2 bits, a scale by the largest weight leaves 2 % of them other than zero."""

_TABLE_BITS = 8
"""Of position and token-type tables where weights have fewer than ``MIN_BITS``: small tables, which each row reads."""

Granularity = Literal["tensor", "channel"]
ActivationRange = Literal["minmax", "percentile", "mse", "learned", "token"]


@dataclass(frozen=True)
class WeightGrid:
    """The values that the weights of a matrix may take."""

    bits: int
    """``BINARY``, ``TERNARY``, or those of an integer grid."""
    granularity: Granularity


FLOAT_BITS = 32
"""Of a weight that is not quantized."""


class QuantizationScheme(Section):
    """All that rebuilding the quantized layers takes."""

    version: Literal[1] = 1
    weight_bits: int = Field(ge=BINARY, le=MAX_BITS)
    weight_granularity: Granularity
    embedding_bits: int | None = Field(None, ge=BINARY, le=MAX_BITS, description="Of the word table; None: as weights.")
    activation_bits: Literal[8, 16]
    activation_range: ActivationRange = "minmax"
    range_percentile: float = 100.0
    activation_scheme: Literal["affine", "symmetric"] = "affine"
    """Of files that do not say: affine, the only one there was."""
    observer_decay: float = Field(description="Of the moving average of activation ranges.")

    @property
    def matrices(self) -> WeightGrid:
        """Of the encoder and the pooler."""
        return WeightGrid(self.weight_bits, self.weight_granularity)

    @property
    def words(self) -> WeightGrid:
        """Of the word table. With few values a scale for each row, for words differ in their size (Wu et al. 2022)."""
        bits = self.embedding_bits or self.weight_bits
        return WeightGrid(bits, self.weight_granularity if bits >= MIN_BITS else "channel")

    @property
    def places(self) -> WeightGrid:
        """Of position and token-type tables."""
        bits = self.weight_bits if self.weight_bits >= MIN_BITS else _TABLE_BITS
        return WeightGrid(bits, self.weight_granularity)


class SchemeSettings(Protocol):
    """What settings of any kind say of a scheme."""

    weight_granularity: Granularity
    embedding_bits: int | None
    activation_bits: Literal[8, 16]
    activation_range: ActivationRange
    range_percentile: float
    activation_scheme: Literal["affine", "symmetric"]


def scheme_of(settings: SchemeSettings, weight_bits: int, observer_decay: float = 0.9999) -> QuantizationScheme:
    """The scheme that the settings and a recipe's bits ask for; weights of more than 8 bits have activations of 16."""
    return QuantizationScheme(
        weight_bits=weight_bits,
        weight_granularity=settings.weight_granularity,
        embedding_bits=settings.embedding_bits,
        activation_bits=settings.activation_bits if weight_bits <= 8 else 16,
        activation_range=settings.activation_range,
        range_percentile=settings.range_percentile,
        activation_scheme=settings.activation_scheme,
        observer_decay=observer_decay,
    )
