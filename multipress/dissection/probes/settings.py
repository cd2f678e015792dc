"""Which probes there are, and the section of the configuration that chooses among them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, field_validator

from multipress.core.settings import Name, Section

Kind = Literal["surface", "syntax", "semantics"]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "length": "surface",
        "word_content": "surface",
        "word_swap": "syntax",
        "part_of_speech": "syntax",
        "supersense": "semantics",
        "odd_word": "semantics",
    }
)
"""Each probe and the kind of what it asks for, from the simple to the complex (Conneau et al. 2018)."""

UNTRAINED = "untrained"
"""In place of a recipe: a model of the same shape with random weights, the floor of all others."""


class ProbingSettings(Section):
    """Which models are probed, and for what: whether a linear model on frozen states of a layer finds it."""

    recipes: list[str] | Literal["all"] = Field(
        [],
        description="Recipes of the study whose models are probed, with the uncompressed ones that they began as; all: "
        "every one that has Transformer layers; []: nothing is probed.",
    )
    tasks: list[Name] | None = Field(
        None, min_length=1, description="Tasks of the study whose models are; null: all of them."
    )
    probes: list[str] | None = Field(None, description=f"What is asked for: {', '.join(KINDS)}; null: all of it.")
    examples: int = Field(
        2000, ge=40, le=20_000, examples=[50], description="Examples of a probe at most; as many texts give them."
    )

    @field_validator("recipes", "tasks", "probes")
    @classmethod
    def _unique(cls, values: Any) -> Any:
        if isinstance(values, list) and len(set(values)) < len(values):
            raise ValueError(f"{values} names something twice: remove the repetition")
        return values

    @field_validator("probes")
    @classmethod
    def _known(cls, probes: list[str] | None) -> list[str] | None:
        if unknown := [name for name in probes or [] if name not in KINDS]:
            raise ValueError(f"there is no probe {unknown[0]!r}: probes are {', '.join(KINDS)}")
        if probes == []:
            raise ValueError("names none: name some, or write null for all; without recipes nothing is probed")
        return probes

    @property
    def names(self) -> list[str]:
        """The probes that are made, in their own order."""
        return [name for name in KINDS if self.probes is None or name in self.probes]
