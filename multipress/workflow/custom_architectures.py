"""Architectures of the user's own: shapes in numbers, and encoders with some of another's layers."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator

from multipress.core.settings import Name, Section
from multipress.model.shape import ArchitectureSpec


class DerivedArchitecture(Section):
    """An architecture with some of the encoder layers of another one."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    source: Name = Field(alias="from", description="The architecture whose encoder gives the layers.")
    layers: list[int] = Field(min_length=1, description="Indices of the layers that are kept, from 0.")

    @field_validator("layers")
    @classmethod
    def _rising(cls, layers: list[int]) -> list[int]:
        if sorted(set(layers)) != layers or layers[0] < 0:
            raise ValueError(f"layers {layers} must rise from 0 or more, each index once")
        return layers

    def shape(self, source: ArchitectureSpec) -> ArchitectureSpec:
        """Its shape, from that of the architecture that it derives from.

        Raises:
            ValueError: that one has fewer layers.
        """
        if self.layers[-1] >= source.layers:
            raise ValueError(f"{self.source} has no layer {self.layers[-1]}: its layers are 0 to {source.layers - 1}")
        return source.model_copy(update={"layers": len(self.layers)})


def _form(value: Any) -> str:
    is_derived = isinstance(value, DerivedArchitecture) or (isinstance(value, Mapping) and "from" in value)
    return "<derived>" if is_derived else "<shape>"


CustomArchitecture = Annotated[
    Annotated[ArchitectureSpec, Tag("<shape>")] | Annotated[DerivedArchitecture, Tag("<derived>")],
    Discriminator(_form),
]
"""Either layers, hidden, heads and feed_forward; or from, and which of its layers."""

Customs = Mapping[str, ArchitectureSpec | DerivedArchitecture]


def shapes(custom: Customs, known: Mapping[str, ArchitectureSpec]) -> dict[str, ArchitectureSpec]:
    """The shapes of all architectures: those that are ``known``, then the custom ones.

    Raises:
        ValueError: one derives from an unknown architecture or from itself, or keeps layers that are not there.
    """
    return dict(known) | {name: _shape(name, custom, known, []) for name in custom}


def _shape(name: str, custom: Customs, known: Mapping[str, ArchitectureSpec], path: list[str]) -> ArchitectureSpec:
    if name in path:
        raise ValueError(f"custom_architectures: {' from '.join([*path, name])} is a cycle: give one its own shape")
    found = custom.get(name) or known.get(name)
    if found is None:
        names = ", ".join([*known, *custom])
        raise ValueError(f"custom_architectures.{path[-1]}.from: unknown architecture {name!r}; known are {names}")
    if isinstance(found, ArchitectureSpec):
        return found
    source = _shape(found.source, custom, known, [*path, name])
    try:
        return found.shape(source)
    except ValueError as error:
        raise ValueError(f"custom_architectures.{name}.layers: {error}") from None
