"""Portions in which neurons go: products of odd widths take as long as those of the next round one."""

_GRAIN = 32
"""A feed-forward block's neurons are divided into about so many equal portions, of a power of two."""

_LEAST = 4
"""Neurons of a portion: a later step may keep two of each four."""


def portion(neurons: int) -> int:
    """Neurons that stay or go together: the largest power of two that is a 32nd of all or less, but four of few."""
    return min(neurons, max(_LEAST, 1 << max(0, (neurons // _GRAIN).bit_length() - 1)))
