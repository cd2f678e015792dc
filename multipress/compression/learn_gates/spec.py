"""Step c<percent>: gates on heads and neurons, closed until so much of the encoder is gone."""

import math
from dataclasses import replace

from multipress.compression.learn_gates.choice import check_percent
from multipress.compression.learn_gates.settings import LearnGatesSettings
from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedLayer, PlannedSize

_CHOOSES = "gates choose heads and neurons themselves"


def _planned(size: PlannedSize, percent: int) -> PlannedSize:
    """Neurons for all that goes, and heads where that is not enough: how both share it is learned.

    Raises:
        ValueError: more goes than layers can lose.
    """
    return size.with_layers(tuple(_pruned(layer, percent) for layer in size.layers)) if percent else size


def _pruned(layer: PlannedLayer, percent: int) -> PlannedLayer:
    (outputs, hidden), *_, (neurons, _), _ = layer.matrices
    width = outputs // layer.heads
    check_percent(percent, [layer.heads, neurons], [4 * hidden * width, 2 * hidden])
    gone = layer.weights * percent // 100
    wide = max(1, neurons - gone // (2 * hidden))
    in_heads = max(0, gone - 2 * hidden * (neurons - 1))
    heads = max(1, layer.heads - math.ceil(in_heads / (4 * hidden * width)))
    matrices = ((heads * width, hidden),) * 3 + ((hidden, heads * width), (wide, hidden), (hidden, wide))
    others = layer.others - 3 * (layer.heads - heads) * width - (neurons - wide)
    return replace(layer, matrices=matrices, others=others, heads=heads)


SPEC = Method(
    name="learn_gates",
    prefix="c",
    group=Group.STRUCTURE,
    rank=4,
    label="GP",
    family="structured pruning",
    settings=LearnGatesSettings,
    argument=Argument("percent", 1, 99, example=50),
    control=0,
    refuses=dict.fromkeys(("prune_heads", "prune_neurons", "prune_for_speed"), _CHOOSES),
    planned=_planned,
    plans_exactly=False,
)
