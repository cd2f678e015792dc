"""Subsets of compressions, such as ``QAT+KD``: the parts of their names, and their order in tables."""

from collections.abc import Iterable

from multipress.compression import recipes
from multipress.compression.method import Group
from multipress.compression.registry import methods

NONE = "none"
"""The subset of the uncompressed model."""

SubsetOrder = tuple[int, list[tuple[int, str]]]


def parts(subset: str) -> list[str]:
    """The methods that a subset combines."""
    return [] if subset == NONE else subset.split("+")


def subset_order(subset: str) -> SubsetOrder:
    """A sort key: by the number of parts, then by the parts in the order of names; variants come last."""
    ranks = {method.label: recipes.ORDER_IN_NAMES.index(method.group) for method in methods().values()}
    found = [(ranks.get(part, len(ranks)), part) for part in parts(subset)]
    return len(found), found


def is_post_training(subset: str) -> bool:
    """Whether a part of it is a method that does not train, such as PTQ."""
    untrained = {method.label for method in methods().values() if not method.trains}
    return not untrained.isdisjoint(parts(subset))


def is_quantized(subset: str) -> bool:
    """Whether a part of it changes the precision of weights."""
    precisions = {method.label for method in methods().values() if method.group == Group.PRECISION}
    return not precisions.isdisjoint(parts(subset))


def study_methods(names: Iterable[str]) -> list[str]:
    """The subsets of these recipes that compress, in order: the columns of Table 1."""
    return sorted({recipes.subset(name) for name in names} - {NONE}, key=subset_order)
