"""How a quantized model's numbers are rounded: what its quantization.json says."""

from typing import Literal, Protocol

from multipress.config.base import Section


class QuantizationScheme(Section):
    """What a quantized checkpoint's quantization.json says: all it takes to rebuild the layers."""

    version: Literal[1] = 1
    weight_bits: int
    weight_granularity: Literal["tensor", "channel"]
    activation_bits: int
    observer_decay: float


class SchemeSettings(Protocol):
    """The part of the settings that a checkpoint remembers."""

    weight_granularity: Literal["tensor", "channel"]
    activation_bits: int
    observer_decay: float


def scheme(settings: SchemeSettings, weight_bits: int) -> QuantizationScheme:
    """The scheme that the settings and a recipe's bits ask for; activations have no fewer bits than weights."""
    return QuantizationScheme(
        weight_bits=weight_bits,
        weight_granularity=settings.weight_granularity,
        activation_bits=max(settings.activation_bits, weight_bits),
        observer_decay=settings.observer_decay,
    )
