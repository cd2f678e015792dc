"""Step nm24: two of each four weights of the encoder's matrices."""

from dataclasses import replace

from multipress.compression.method import Argument, Group, Method
from multipress.compression.planned_size import PlannedSize
from multipress.compression.prune_groups.groups import DENSE, GROUP, INDEX_BITS, KEPT, PATTERN, check_groups
from multipress.compression.prune_groups.settings import PruneGroupsSettings


def _planned(size: PlannedSize, pattern: int) -> PlannedSize:
    if pattern == DENSE:
        return size
    for layer in size.layers:
        for _, inputs in layer.matrices:
            check_groups(inputs)
    return replace(size, sparsity=1 - KEPT / GROUP, index_bits=INDEX_BITS)


SPEC = Method(
    name="prune_groups",
    prefix="nm",
    group=Group.SPARSITY,
    rank=2,
    label="NM",
    family="semi-structured pruning",
    settings=PruneGroupsSettings,
    argument=Argument("", PATTERN, PATTERN, example=PATTERN),
    control=DENSE,
    refuses={
        "factorize": "the ranks of factors are no multiples of four: use mp50",
        "learn_gates": "it leaves any number of neurons, no multiples of four: use mp50",
    },
    planned=_planned,
)
