"""Which attention heads or feed-forward neurons stay when a model loses some."""

import math
from collections.abc import Sequence


def kept_count(parts: int, percent: int, what: str) -> int:
    """How many of a layer's ``parts`` stay when ``percent`` % go: at most the rest of them, and one at the least.

    Raises:
        ValueError: there is one part alone; ``what`` names the parts, for the message.
    """
    if parts == 1:
        raise ValueError(f"takes {what} from layers that have one: use an architecture with more")
    return max(1, (100 - percent) * parts // 100)


def most_important(scores: Sequence[Sequence[float]], count: int, scope: str) -> list[list[int]]:
    """Indices of the parts that stay, in order, for each layer.

    Of equal scores the first ones stay.

    Args:
        scores: of each layer's parts.
        count: parts that a layer keeps with scope ``layer``; with scope ``global``, their mean over the layers.
        scope: ``layer``: the best of each layer. ``global``: the best of each layer, so that none is left without, and
            then the best of all the others, whose scores are divided by the length of the vector of their layer's
            (Michel et al. 2019).
    """
    ranked = [_ranked(layer) for layer in scores]
    if scope == "layer":
        return [sorted(parts[:count]) for parts in ranked]
    lengths = [math.hypot(*layer) or 1.0 for layer in scores]
    others = [(number, part) for number, parts in enumerate(ranked) for part in parts[1:]]
    others.sort(key=lambda place: -scores[place[0]][place[1]] / lengths[place[0]])
    kept = [[parts[0]] for parts in ranked]
    for number, part in others[: (count - 1) * len(scores)]:
        kept[number].append(part)
    return [sorted(parts) for parts in kept]


def _ranked(scores: Sequence[float]) -> list[int]:
    """Indices of a layer's parts, the best first."""
    return sorted(range(len(scores)), key=lambda part: -scores[part])
