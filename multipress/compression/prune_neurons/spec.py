"""Step f<percent>: fewer neurons in each feed-forward block."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedLayer, PlannedSize
from multipress.compression.prune_neurons.settings import PruneNeuronsSettings
from multipress.model.kept_parts import kept_count


def _planned(size: PlannedSize, percent: int) -> PlannedSize:
    """All neurons have the same size, so it does not matter which ones stay."""
    return size.with_layers(tuple(_pruned(layer, percent) for layer in size.layers)) if percent else size


def _pruned(layer: PlannedLayer, percent: int) -> PlannedLayer:
    *attention, (neurons, hidden), _ = layer.matrices
    kept = kept_count(neurons, percent, "neurons")
    matrices = (*attention, (kept, hidden), (hidden, kept))
    return replace(layer, matrices=matrices, others=layer.others - (neurons - kept))


SPEC = Method(
    name="prune_neurons",
    prefix="f",
    group=Group.STRUCTURE,
    rank=3,
    label="NP",
    family="structured pruning",
    settings=PruneNeuronsSettings,
    argument=Argument("percent", 1, 99, example=50),
    control=0,
    planned=_planned,
)
