"""Step mp<percent>: magnitude pruning of the encoder's linear weights."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.prune.settings import PruneSettings


def _planned(size: PlannedSize, percent: int) -> PlannedSize:
    return replace(size, sparsity=percent / 100)


SPEC = Method(
    name="prune",
    prefix="mp",
    group=Group.SPARSITY,
    label="MP",
    family="unstructured pruning",
    settings=PruneSettings,
    argument=Argument("percent", 1, 99, example=50),
    control=0,
    also_after=frozenset({"quantize"}),
    planned=_planned,
)
