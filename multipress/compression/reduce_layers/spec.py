"""Step l<n>: n of the parent's encoder layers."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.reduce_layers.settings import ReduceLayersSettings
from multipress.model.layer_choice import kept_layers
from multipress.model.shape import MOST_LAYERS


def _planned(size: PlannedSize, layers: int) -> PlannedSize:
    """All layers have the same size, so it does not matter which ones stay."""
    if layers == MOST_LAYERS:
        return size
    kept = kept_layers(len(size.layers), layers, "spaced")
    return replace(size.with_layers(tuple(size.layers[index] for index in kept)), depth=layers)


SPEC = Method(
    name="reduce_layers",
    prefix="l",
    group=Group.STRUCTURE,
    rank=0,
    label="LR",
    family="structured pruning",
    settings=ReduceLayersSettings,
    argument=Argument("layers", 1, MOST_LAYERS - 1, example=2),
    control=MOST_LAYERS,
    planned=_planned,
)
