"""How parts of a model are chosen that go."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class ImportanceSettings(Section):
    """What the methods have in common that take parts out of layers."""

    importance: Literal["first_order", "magnitude"] = Field(
        "first_order",
        examples=["magnitude"],
        description="What says which parts stay: how the loss changes with each, to first order, or the norm of its "
        "weights.",
    )
    importance_rows: int = Field(
        1000,
        ge=1,
        le=1_000_000_000,
        examples=[500],
        description="Training rows whose loss is looked at, where importance is first_order; all, if there are fewer.",
    )
    scope: Literal["layer", "global"] = Field(
        "layer",
        examples=["global"],
        description="Rank parts within each layer, which then keep the same number, or over all.",
    )
