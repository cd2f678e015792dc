"""Step r<percent>: two factors for each matrix of the encoder."""

from dataclasses import replace

from multipress.compression.factorize.ranks import FULL_RANK, kept_rank
from multipress.compression.factorize.settings import FactorizeSettings
from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedLayer, PlannedSize


def _planned(size: PlannedSize, percent: int) -> PlannedSize:
    if percent == FULL_RANK:
        return size
    return size.with_layers(tuple(_factored(layer, percent) for layer in size.layers))


def _factored(layer: PlannedLayer, percent: int) -> PlannedLayer:
    factors: list[tuple[int, int]] = []
    for rows, columns in layer.matrices:
        rank = kept_rank(rows, columns, percent)
        factors += [(rank, columns), (rows, rank)]
    return replace(layer, matrices=tuple(factors))


SPEC = Method(
    name="factorize",
    prefix="r",
    group=Group.STRUCTURE,
    rank=5,
    label="SVD",
    family="matrix decomposition",
    settings=FactorizeSettings,
    argument=Argument("percent", 1, 99, example=50),
    control=FULL_RANK,
    planned=_planned,
)
