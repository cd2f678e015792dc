"""Step x<percent>: as fast as is wanted, by fewer heads and neurons."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedLayer, PlannedSize
from multipress.compression.prune_for_speed.portions import portion
from multipress.compression.prune_for_speed.settings import PruneForSpeedSettings

_BEFORE = 100
"""Percent of the speed of the model that the step begins with."""

_CHOOSES = "a step of speed chooses heads and neurons itself"


def _planned(size: PlannedSize, percent: int) -> PlannedSize:
    """About the same share of every layer; the real shapes follow from measured times and from what matters."""
    return size.with_layers(tuple(_pruned(layer, percent) for layer in size.layers))


def _pruned(layer: PlannedLayer, percent: int) -> PlannedLayer:
    *_, (neurons, hidden), _ = layer.matrices
    heads = max(1, round(layer.heads * _BEFORE / percent))
    grain = portion(neurons)
    wide = min(neurons, grain * max(1, round(neurons * _BEFORE / percent / grain)))
    width = heads * hidden // layer.heads
    matrices = ((width, hidden),) * 3 + ((hidden, width), (wide, hidden), (hidden, wide))
    return replace(layer, matrices=matrices, others=layer.others - 3 * (hidden - width) - (neurons - wide), heads=heads)


SPEC = Method(
    name="prune_for_speed",
    prefix="x",
    group=Group.STRUCTURE,
    rank=4,
    label="SP",
    family="structured pruning",
    settings=PruneForSpeedSettings,
    argument=Argument("percent", 101, 10_000, example=150),
    control=_BEFORE,
    reads_layer_times=True,
    refuses=dict.fromkeys(("prune_heads", "prune_neurons", "learn_gates"), _CHOOSES),
    planned=_planned,
    plans_exactly=False,
)
