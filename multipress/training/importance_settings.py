"""How parts of a model are chosen that go."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class RowsOfImportance(Section):
    """How much of the training rows is looked at."""

    importance_rows: int = Field(
        1000,
        ge=1,
        le=1_000_000_000,
        examples=[500],
        description="Training rows that say which parts matter; all, if there are fewer.",
    )


class ImportanceSettings(RowsOfImportance):
    """What the methods have in common that take parts out of layers."""

    importance: Literal["first_order", "magnitude"] = Field(
        "first_order",
        examples=["magnitude"],
        description="What says which parts stay: how the loss changes with each, to first order, or the norm of its "
        "weights.",
    )
    scope: Literal["layer", "global"] = Field(
        "layer",
        examples=["global"],
        description="Rank parts within each layer, which then keep the same number, or over all.",
    )
