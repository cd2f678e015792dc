"""Recipes: the steps that made a model, joined by hyphens, such as ``kd-mp60-int8``."""

import re
from collections.abc import Sequence
from itertools import product

STEP_PATTERNS = {"teach": r"ft|kd", "prune": r"mp\d{1,2}", "quantize": r"(?:int|ptq)[1-9]\d?"}
"""One pattern for each place in a recipe, in order; only the first place must be filled."""

MIN_BITS, MAX_BITS = 2, 16
"""Of a quantized weight."""

_RECIPE = re.compile("({teach})(?:-({prune}))?(?:-({quantize}))?".format(**STEP_PATTERNS))


def parse(recipe: str) -> list[str]:
    """The steps of a recipe.

    Raises:
        ValueError: the name is no recipe.
    """
    if not _RECIPE.fullmatch(recipe):
        expected = "ft or kd, then optionally -mp<percent>, then optionally -int<bits> or -ptq<bits>"
        raise ValueError(f"{recipe!r} is no recipe: expected {expected}")
    return recipe.split("-")


def parent(recipe: str) -> str | None:
    """The recipe less its last step; None for the first step."""
    return recipe.rpartition("-")[0] or None


def without(recipe: str, step: str) -> str:
    """The recipe less one of its steps: ``kd`` gives way to ``ft``, any other step goes.

    Raises:
        ValueError: the recipe has no such step, or it is ``ft``, which cannot go.
    """
    steps = parse(recipe)
    if step == "ft" or step not in steps:
        raise ValueError(f"{recipe} has no step {step!r} that can go")
    return "-".join(["ft", *steps[1:]] if step == "kd" else [kept for kept in steps if kept != step])


def is_distilled(recipe: str) -> bool:
    """Whether the lineage contains knowledge distillation."""
    return parse(recipe)[0] == "kd"


def sparsity(recipe: str) -> float:
    """Fraction of the encoder's linear weights that the recipe prunes."""
    return next((int(step[2:]) / 100 for step in parse(recipe) if step.startswith("mp")), 0.0)


def bits(recipe: str) -> int:
    """Bits of a weight: 32 unless the recipe quantizes."""
    return next((int(step[3:]) for step in parse(recipe) if step.startswith(("int", "ptq"))), 32)


def subset(recipe: str) -> str:
    """The paper's name for the recipe's compressions: ``none``, ``QAT``, ``KD+MP`` …, and likewise ``PTQ``."""
    steps = parse(recipe)
    names = [
        ("PTQ", any(step.startswith("ptq") for step in steps)),
        ("QAT", any(step.startswith("int") for step in steps)),
        ("KD", "kd" in steps),
        ("MP", any(step.startswith("mp") for step in steps)),
    ]
    return "+".join(name for name, used in names if used) or "none"


SUBSETS = ["none", "QAT", "KD", "MP", "QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"]
"""The eight subsets in the order of the paper's Table 1."""

METHODS = SUBSETS[1:]
"""Those that compress: the columns of Table 1."""

ALL_SUBSETS = [*SUBSETS, "PTQ", "PTQ+KD", "PTQ+MP", "PTQ+KD+MP"]
"""Those, and their peers with post-training quantization."""


def combine(sparsities: Sequence[float], bit_widths: Sequence[int]) -> list[str]:
    """Every recipe of the designed experiment: {ft, kd} x {dense, sparsities} x {float, bit widths}."""
    pruned = ["", *(f"-mp{round(100 * fraction)}" for fraction in sparsities)]
    quantized = ["", *(f"-int{width}" for width in bit_widths)]
    return ["".join(parts) for parts in product(["ft", "kd"], pruned, quantized)]


def chain(first: str, sparsities: Sequence[float], bit_widths: Sequence[int]) -> list[str]:
    """The first recipe, then pruned as far as possible, then with the fewest bits: one for each training on the way."""
    steps = [first, *(f"mp{round(100 * max(sparsities))}" for _ in sparsities[:1])]
    steps += [f"int{min(bit_widths)}" for _ in bit_widths[:1]]
    return ["-".join(steps[: place + 1]) for place in range(len(steps))]
