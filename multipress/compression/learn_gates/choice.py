"""Which gates stay open in the end: the best, until the target is met within one neuron."""

from collections.abc import Sequence


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
