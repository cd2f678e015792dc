"""Step ee: exits after the layers of a trained model."""

from dataclasses import replace

from multipress.compression.early_exit.settings import EarlyExitSettings
from multipress.compression.method import Group, Method
from multipress.compression.planned_size import PlannedSize


def _planned(size: PlannedSize, argument: int) -> PlannedSize:
    """A pooler after each layer but the last; it has the size of the model's own."""
    if size.depth == 1:
        raise ValueError(
            "lets rows leave before the last layer, but there is one layer only: use a deeper architecture"
        )
    return replace(size, exits=(size.depth - 1) * size.pooler)


SPEC = Method(
    name="early_exit",
    prefix="ee",
    group=Group.EXIT,
    label="EE",
    family="dynamic inference",
    settings=EarlyExitSettings,
    planned=_planned,
    without_effect={"classification": frozenset({"tolerance"})},
)
