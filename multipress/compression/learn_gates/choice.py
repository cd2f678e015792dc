"""Which gates stay open in the end: the best, until no other fits: the target is met within one part."""

import math
from collections.abc import Sequence


def check_percent(percent: int, counts: Sequence[int], sizes: Sequence[int]) -> None:
    """Look whether so many percent of all weights can go.

    Args:
        percent: of the weights of all parts.
        counts: parts of each layer, of which one stays.
        sizes: weights of one of its parts.

    Raises:
        ValueError: no.
    """
    most = 1 - sum(sizes) / sum(count * size for count, size in zip(counts, sizes, strict=True))
    if percent > 100 * most:
        raise ValueError(
            "takes more than can go, for each layer keeps a head and a neuron: "
            + (f"use c{math.floor(100 * most)} or less" if most >= 0.01 else "use a larger architecture")
        )


def open_parts(scores: Sequence[Sequence[float]], sizes: Sequence[int], target: float) -> list[list[int]]:
    """Indices of the parts that stay, in order, for each layer.

    The best part of each layer stays in any case, and of all others the best, each that still fits into what may stay.

    Args:
        scores: of each layer's parts.
        sizes: weights of one part of each layer.
        target: share of all weights that goes.
    """
    left = (1 - target) * sum(len(layer) * size for layer, size in zip(scores, sizes, strict=True))
    best = [max(range(len(layer)), key=layer.__getitem__) for layer in scores]
    kept = [[part] for part in best]
    left -= sum(sizes)
    others = [
        (-score, number, part)
        for number, layer in enumerate(scores)
        for part, score in enumerate(layer)
        if part != best[number]
    ]
    for _, number, part in sorted(others):
        if sizes[number] <= left:
            kept[number].append(part)
            left -= sizes[number]
    return [sorted(parts) for parts in kept]
