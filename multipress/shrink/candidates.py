"""Which models are tried, the most promising first, and what each costs to train.

The order, for size and for latency: what costs least comes first, then what most often keeps the score at the smallest
file. ``ptq8`` needs no training; half of the layers taught by the whole model and ``int8`` keep most; a quarter of the
layers and ternary weights are smaller still and often lose. For latency ternary weights gain nothing over int8, so half
of the feed-forward neurons are cut in their place. Zeros among the weights make the file that runs neither smaller nor
faster, so they are never tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from multipress.compression import recipes
from multipress.model.shape import ArchitectureSpec

Target = Literal["size", "latency"]

REFERENCE = "ft"
"""The encoder fine-tuned and not compressed: all others are held to it, and it teaches them."""

_QUANTIZED = 1.2
"""A step of training with quantized weights against a plain one (docs/explanation/performance.md)."""

_TEACHING = 0.35
"""What the teacher's answers cost against a training step, in each of its rows once."""


@dataclass(frozen=True)
class Candidate:
    """A model to try."""

    recipe: str
    variants: tuple[tuple[str, str], ...] = ()
    """Names of its steps that are variants, and the step that each varies."""


def candidates(shape: ArchitectureSpec, target: Target) -> list[Candidate]:
    """All that are worth trying for an encoder of this shape, the most promising first; the reference is the first."""
    half, quarter = (_fewer(shape.layers, parts) for parts in (2, 4))
    found = [Candidate(REFERENCE), Candidate("ft-ptq8"), Candidate("ft-int8")]
    found += [Candidate(f"ft-{name}{rest}", ((name, step),)) for name, step in half for rest in ("", "-ptq8", "-int8")]
    found += [Candidate(f"ft-{name}-int8", ((name, step),)) for name, step in quarter]
    if target == "latency":
        neurons = ("f50taught", "f50")
        found += [Candidate(f"ft-{name}-f50taught-int8", ((name, step), neurons)) for name, step in half]
        found += [Candidate("ft-f50taught-int8", (neurons,))]
    else:
        found += [Candidate(f"ft-{name}-ter", ((name, step),)) for name, step in half]
        found += [Candidate("ft-ter")]
    return found


def _fewer(layers: int, parts: int) -> list[tuple[str, str]]:
    """The step that keeps a part of the layers and learns from the whole model: its name and what it varies."""
    kept = layers // parts
    return [(f"l{kept}taught", f"l{kept}")] if 0 < kept < layers else []


def variants_of(chosen: Sequence[Candidate]) -> dict[str, str]:
    """All variants of these, by name."""
    return {name: step for candidate in chosen for name, step in candidate.variants}


@dataclass(frozen=True)
class Epochs:
    """Passes over the training rows."""

    first: float
    """Of fine-tuning, of training fewer layers, and of ternary weights."""
    later: float
    """Of int8, which changes little."""


def cost(recipe: str, shape: ArchitectureSpec, epochs: Epochs, variants: dict[str, str]) -> float:
    """What the last step of a recipe costs: passes over the rows by the whole encoder, trained plainly.

    A teacher's answers, which every taught step shares, are in ``teacher_cost``.
    """
    steps = recipes.steps(recipe, variants)
    last = steps[-1].method
    if not last.trains:
        return 0.0
    share = 1.0
    for step in steps:
        if step.method.name == "reduce_layers":
            share *= step.argument / shape.layers
        elif step.method.name == "prune_neurons":
            share *= 1 - step.argument / 100 * _feed_forward_share(shape)
    passes = epochs.later if last.name == "quantize" else epochs.first
    return passes * share * (_QUANTIZED if last.needs_float32 else 1.0)


def _feed_forward_share(shape: ArchitectureSpec) -> float:
    """Of a layer's products, those of its feed-forward block."""
    return shape.feed_forward / (shape.feed_forward + 2 * shape.hidden)


def teacher_cost(chosen: Sequence[Candidate]) -> float:
    """Likewise, what the teacher's answers cost that these need."""
    return _TEACHING if any(candidate.variants for candidate in chosen) else 0.0
