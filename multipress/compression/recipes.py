"""Recipes: the steps that made a model, joined by hyphens, such as ``kd-l6-mp60-int8``.

A step is a method's prefix with its argument, or a variant: a name that the configuration gives to a step with other
settings. Functions that read a recipe take the variants as a mapping from their names to the steps that they vary.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, combinations, pairwise, product
from types import MappingProxyType
from typing import NamedTuple

from multipress.compression.method import Group, Method
from multipress.compression.planned_size import PlannedSize, paper_mb, planned_size
from multipress.compression.registry import methods
from multipress.model.shape import MOST_HIDDEN, MOST_LAYERS, ArchitectureSpec

Variants = Mapping[str, str]

NO_VARIANTS: Variants = MappingProxyType({})

_LARGEST = planned_size(ArchitectureSpec(layers=MOST_LAYERS, hidden=MOST_HIDDEN, heads=128, feed_forward=32768))
"""A model that every step can be applied to."""

_STEP = re.compile(r"([a-z]+)(0|[1-9]\d*)?")
ORDER_IN_NAMES = (Group.PRECISION, Group.START, Group.STRUCTURE, Group.SPARSITY, Group.EXIT)
"""Of the parts of a subset's name: the paper writes QAT+KD+MP."""


class Step(NamedTuple):
    """One step of a recipe."""

    name: str
    """As the recipe has it."""
    method: Method
    argument: int
    """0 where the method has none."""
    is_variant: bool

    @property
    def label(self) -> str:
        """Its part of a subset's name: a variant stands for itself, and so does a control."""
        return self.name if self.is_variant or self.is_control else self.method.label

    @property
    def is_control(self) -> bool:
        """Whether it trains and compresses nothing, although its method compresses."""
        return self.argument == self.method.control


def step(name: str, variants: Variants = NO_VARIANTS) -> Step:
    """The step of that name.

    Raises:
        ValueError: there is none, or its argument is out of range; the message says what is allowed.
    """
    return _step(name, tuple(variants.items()))


@cache
def _step(name: str, variants: tuple[tuple[str, str], ...]) -> Step:
    plain = dict(variants).get(name)
    found = _split(plain or name)
    if found is None:
        expected = ", ".join([*(method.expected for method in methods().values()), *dict(variants)])
        raise ValueError(f"there is no step {name!r}: steps are {expected}")
    method, argument = found
    if not method.allows(argument):
        remedy = f"; {method.argument.otherwise}" if method.argument and method.argument.otherwise else ""
        raise ValueError(f"step {name!r}: use {method.allowed}{remedy}")
    return Step(name, method, argument, is_variant=plain is not None)


def is_reserved(name: str) -> bool:
    """Whether a name means something already: a step of a known prefix, with any argument, or a part of a subset."""
    match = _STEP.fullmatch(name)
    specs = methods().values()
    return name == "none" or any(name == spec.label or (match and match[1] == spec.prefix) for spec in specs)


def _split(plain: str) -> tuple[Method, int] | None:
    """Method and argument of a step that is no variant; None where there is no such method."""
    match = _STEP.fullmatch(plain)
    method = next((each for each in methods().values() if match and each.prefix == match[1]), None)
    if match is None or method is None:
        return None
    argument = int(match[2] or 0)
    fits = bool(match[2]) if method.argument else match[2] is None or argument == method.control
    return (method, argument) if fits else None


def steps(recipe: str, variants: Variants = NO_VARIANTS) -> tuple[Step, ...]:
    """The steps of a recipe in the order in which they are applied.

    Raises:
        ValueError: the name is no recipe; the message says why and what is allowed.
    """
    return _steps(recipe, tuple(variants.items()))


@cache
def _steps(recipe: str, variants: tuple[tuple[str, str], ...]) -> tuple[Step, ...]:
    """Of a study's few recipes for each of its thousands of jobs."""
    found = []
    for name in recipe.split("-"):
        try:
            found.append(_step(name, variants))
        except ValueError as error:
            raise ValueError(f"{recipe!r} is no recipe: {error}") from None
    _check_order(recipe, found)
    return tuple(found)


def _check_order(recipe: str, found: Sequence[Step]) -> None:
    """Refuse orders that no method allows, and several steps of one group, of which only structure may have some."""
    if found[0].method.group != Group.START:
        starts = " or ".join(each.prefix for each in methods().values() if each.group == Group.START)
        raise ValueError(f"{recipe!r} is no recipe: it must begin with {starts}")
    for before, after in combinations(found, 2):
        first, second = before.method, after.method
        if first.order > second.order and not second.may_follow(first):
            raise ValueError(f"{recipe!r} is no recipe: {after.name} comes before {before.name}, not after it")
        if forbidden := first.forbids(second):
            raise ValueError(f"{recipe!r} is no recipe: {after.name} cannot follow {before.name}, for {forbidden}")
        if first.group == second.group and first.group != Group.STRUCTURE:
            both = f"{before.name} and {after.name} are both steps of {first.group.name.lower()}"
            raise ValueError(f"{recipe!r} is no recipe: {both}; keep one")
    for before, after in combinations(found, 2):
        if reason := after.method.refuses.get(before.method.name):
            raise ValueError(f"{recipe!r} is no recipe: {after.name} cannot follow {before.name}, for {reason}")
    names = [each.method.name for each in found]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{recipe!r} is no recipe: it has two steps of {repeated}; keep one")


def is_in_default_order(recipe: str, variants: Variants = NO_VARIANTS) -> bool:
    """Whether each step comes where its method stands in the default order."""
    return all(before.method.order <= after.method.order for before, after in pairwise(steps(recipe, variants)))


def parse(recipe: str, variants: Variants = NO_VARIANTS) -> list[str]:
    """The names of a recipe's steps; raises as ``steps`` does."""
    return [each.name for each in steps(recipe, variants)]


def lineage(recipe: str) -> list[str]:
    """The recipes that one begins with, the shortest first, and itself."""
    return list(accumulate(recipe.split("-"), "{}-{}".format))


def parent(recipe: str) -> str | None:
    """The recipe less its last step; None for the first step."""
    return recipe.rpartition("-")[0] or None


def without(recipe: str, name: str, variants: Variants = NO_VARIANTS) -> str:
    """The recipe less one of its steps: a start gives way to ``ft``, any other step goes.

    Raises:
        ValueError: the recipe has no such step, or it is ``ft``, which cannot go.
    """
    names = parse(recipe, variants)
    if name == "ft" or name not in names:
        raise ValueError(f"{recipe} has no step {name!r} that can go")
    return "-".join(["ft", *names[1:]] if name == names[0] else [kept for kept in names if kept != name])


def is_distilled(recipe: str, variants: Variants = NO_VARIANTS) -> bool:
    """Whether a step of the recipe learns from a teacher."""
    return any(each.method.imitates for each in steps(recipe, variants))


def sparsity(recipe: str, variants: Variants = NO_VARIANTS) -> float:
    """Fraction of the encoder's linear weights that the recipe prunes."""
    return planned(_LARGEST, recipe, variants).sparsity


def bits(recipe: str, variants: Variants = NO_VARIANTS) -> int:
    """Bits of a weight: 32 unless the recipe quantizes."""
    return planned(_LARGEST, recipe, variants).bits


def planned(size: PlannedSize, recipe: str, variants: Variants = NO_VARIANTS) -> PlannedSize:
    """The size of a model after the recipe's steps, from the size of its uncompressed architecture."""
    for each in steps(recipe, variants):
        size = each.method.planned(size, each.argument)
    return size


def subset(recipe: str, variants: Variants = NO_VARIANTS) -> str:
    """The paper's name for the recipe's compressions: ``none``, ``QAT``, ``KD+MP`` …; other methods join likewise."""
    labels = [each.label for each in sorted(steps(recipe, variants), key=_rank_in_names)]
    return "+".join(filter(None, labels)) or "none"


def _rank_in_names(each: Step) -> tuple[int, str]:
    return ORDER_IN_NAMES.index(each.method.group), each.label


def recipe_order(recipe: str, variants: Variants = NO_VARIANTS) -> tuple[object, ...]:
    """Sort key: by subset as in the paper's Table 1, then the mildest compression first; what is not trained, last."""
    found = steps(recipe, variants)
    named = [each for each in sorted(found, key=_rank_in_names) if each.label]
    untrained = any(not each.method.trains for each in found)
    ranks = tuple(_rank_in_names(each) for each in named)
    return untrained, len(named), ranks, tuple(-_size_after(each.method.name, each.argument) for each in found)


def cross(groups: Sequence[Sequence[str]]) -> list[str]:
    """Every recipe of a designed experiment: one of the first group, then of each further group one or none."""
    first, *further = groups
    return ["-".join(filter(None, names)) for names in product(first, *(["", *group] for group in further))]


def chains(groups: Sequence[Sequence[str]]) -> list[str]:
    """From each start the recipes on the way to its most compressed model, one for each step."""
    first, *further = groups
    found = [[step(name) for name in group] for group in further if group]
    strongest = [min(group, key=lambda each: _size_after(each.method.name, each.argument)).name for group in found]
    return ["-".join([start, *strongest[:length]]) for start in first for length in range(len(strongest) + 1)]


@cache
def _size_after(method: str, argument: int) -> float:
    """MB of the largest model after a step alone: what compares steps, also those of different methods."""
    return paper_mb(methods()[method].planned(_LARGEST, argument))
