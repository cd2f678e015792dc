"""Step mp<percent>: magnitude pruning of the encoder's linear weights."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.prune.settings import PruneSettings


def _fraction(percent: int) -> float:
    return percent / 100


def _planned(size: PlannedSize, percent: int) -> PlannedSize:
    return replace(size, sparsity=_fraction(percent))


SPEC = Method(
    name="prune",
    prefix="mp",
    group=Group.SPARSITY,
    label="MP",
    settings=PruneSettings,
    argument=Argument("percent", 1, 99, example=50),
    sparsity=_fraction,
    planned=_planned,
)
