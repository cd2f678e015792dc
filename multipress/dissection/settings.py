"""Which models are compared layer by layer, and on how much text."""

from typing import Literal

from pydantic import Field, field_validator

from multipress.core.settings import Name, Section


class DissectionSettings(Section):
    """Hidden states and attention of compressed models beside those of their dense parents."""

    recipes: list[str] | Literal["all"] = Field(
        [],
        description="Recipes of the study whose models are compared with that of their first step alone; without any "
        "there is no comparison. all: all with Transformer layers.",
    )
    tasks: list[Name] | None = Field(
        None, min_length=1, description="Tasks of the study whose models are; null: all of them."
    )
    rows: int = Field(1000, ge=2, le=100_000, description="Rows of the dev set that the models read, the same for all.")
    tokens: int = Field(
        10_000,
        ge=8,
        le=1_000_000,
        description="Word tokens of these rows whose states are compared, the same for all; at least ten times the "
        "hidden size.",
    )

    @field_validator("recipes", "tasks")
    @classmethod
    def _unique(cls, values: list[str] | str | None) -> list[str] | str | None:
        if isinstance(values, list) and len(set(values)) != len(values):
            raise ValueError(f"{values} names something twice: remove the repetition")
        return values
