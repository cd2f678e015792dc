"""How a quantized model's numbers are rounded: what steps.json says of its layers."""

from typing import Literal, Protocol

from pydantic import Field

from multipress.core.settings import Section

MIN_BITS, MAX_BITS = 2, 16
"""Of a quantized weight."""


class QuantizationScheme(Section):
    """All that rebuilding the quantized layers takes."""

    version: Literal[1] = 1
    weight_bits: int = Field(ge=MIN_BITS, le=MAX_BITS)
    weight_granularity: Literal["tensor", "channel"]
    activation_bits: Literal[8, 16]
    activation_scheme: Literal["affine", "symmetric"] = "affine"
    """Of files that do not say: affine, the only one there was."""
    observer_decay: float = Field(description="Of the moving average of activation ranges.")


class SchemeSettings(Protocol):
    """What settings of any kind say of a scheme."""

    weight_granularity: Literal["tensor", "channel"]
    activation_bits: Literal[8, 16]
    activation_scheme: Literal["affine", "symmetric"]


def scheme_of(settings: SchemeSettings, weight_bits: int, observer_decay: float = 0.9999) -> QuantizationScheme:
    """The scheme that the settings and a recipe's bits ask for; weights of more than 8 bits have activations of 16."""
    return QuantizationScheme(
        weight_bits=weight_bits,
        weight_granularity=settings.weight_granularity,
        activation_bits=settings.activation_bits if weight_bits <= 8 else 16,
        activation_scheme=settings.activation_scheme,
        observer_decay=observer_decay,
    )
