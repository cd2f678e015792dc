"""Step s<groups>: groups of encoder layers with the same weights."""

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.share_layers.groups import layer_groups
from multipress.compression.share_layers.settings import ShareLayersSettings
from multipress.model.shape import MOST_LAYERS


def _planned(size: PlannedSize, groups: int) -> PlannedSize:
    """The first layer of each group counts, and counts once."""
    if groups == MOST_LAYERS:
        return size
    of_layers = layer_groups(len(size.layers), groups)
    return size.with_layers(tuple(size.layers[of_layers.index(group)] for group in range(groups)))


SPEC = Method(
    name="share_layers",
    prefix="s",
    group=Group.STRUCTURE,
    rank=1,
    label="LS",
    family="parameter sharing",
    settings=ShareLayersSettings,
    argument=Argument("groups", 1, MOST_LAYERS - 1, example=1),
    control=MOST_LAYERS,
    planned=_planned,
)
