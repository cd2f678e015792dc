"""Subsets of compressions, such as ``QAT+KD``: the parts of their names, and their order in tables.

A name lists its parts in one order: precision (PTQ, QAT), distillation (KD), structure, sparsity (MP). Parts that are
not known here are taken for structure.
"""

from collections.abc import Iterable

from multipress.compression import recipes

NONE = "none"
"""The subset of the uncompressed model."""

PRECISION = ("PTQ", "QAT")

_RANKS = {"PTQ": 0, "QAT": 1, "KD": 2, "MP": 4}
_STRUCTURE = 3

SubsetOrder = tuple[int, list[tuple[int, str]]]


def parts(subset: str) -> list[str]:
    """The methods that a subset combines."""
    return [] if subset == NONE else subset.split("+")


def subset_order(subset: str) -> SubsetOrder:
    """A sort key: by the number of parts, then by the parts in the order of names."""
    ranks = [(_RANKS.get(part, _STRUCTURE), part) for part in parts(subset)]
    return len(ranks), ranks


def recipe_order(recipe: str) -> tuple[bool, SubsetOrder, float, int, str]:
    """A sort key: by subset, post-training quantization last; within a subset, the mildest compression first."""
    subset = recipes.subset(recipe)
    return (
        is_post_training(subset),
        subset_order(subset),
        recipes.sparsity(recipe),
        -recipes.bits(recipe),
        recipe,
    )


def is_post_training(subset: str) -> bool:
    """Whether the models are quantized after training."""
    return "PTQ" in parts(subset)


def study_methods(names: Iterable[str]) -> list[str]:
    """The subsets of these recipes that compress, in order: the columns of Table 1."""
    return sorted({recipes.subset(name) for name in names} - {NONE}, key=subset_order)
