"""Step h<percent>: fewer attention heads in each layer."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedLayer, PlannedSize
from multipress.compression.prune_heads.settings import PruneHeadsSettings
from multipress.model.kept_parts import kept_count

_PROJECTIONS = 3
"""Query, key and value."""


def _planned(size: PlannedSize, percent: int) -> PlannedSize:
    """All heads have the same size, so it does not matter which ones stay."""
    return size.with_layers(tuple(_pruned(layer, percent) for layer in size.layers)) if percent else size


def _pruned(layer: PlannedLayer, percent: int) -> PlannedLayer:
    kept = kept_count(layer.heads, percent, "heads")
    hidden = layer.matrices[0][1]
    width = kept * hidden // layer.heads
    attention = ((width, hidden),) * _PROJECTIONS + ((hidden, width),)
    others = layer.others - _PROJECTIONS * (hidden - width)
    return replace(layer, matrices=attention + layer.matrices[len(attention) :], others=others, heads=kept)


SPEC = Method(
    name="prune_heads",
    prefix="h",
    group=Group.STRUCTURE,
    rank=2,
    label="HP",
    family="structured pruning",
    settings=PruneHeadsSettings,
    argument=Argument("percent", 1, 99, example=50),
    control=0,
    planned=_planned,
)
