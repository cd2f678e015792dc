"""Which shapes to take: what matters most of all that fits into a time.

Each block of each layer, its heads or its neurons, takes one of several counts. A count has a value, what its parts
matter together, and a price, its milliseconds on this machine. To choose one of each so that the prices fit into a
budget and the values are the highest is a knapsack problem with groups. Dynamic programming solves it exactly but for
the rounding of prices; a greedy choice by value per millisecond would be led astray where a table has steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from multipress.compression.layer_times import LayerTimes
from multipress.compression.prune_for_speed.portions import portion

_TICKS = 10_000
"""Parts of the budget that prices are rounded up to: at worst one of them is lost for each block."""


@dataclass(frozen=True)
class PartValues:
    """What a layer's heads and neurons matter, and where the model applies it."""

    heads: Sequence[float]
    neurons: Sequence[float]
    is_last: Sequence[bool]
    """For each application of the layer, whether it is the model's last."""

    def price_of_heads(self, count: int, times: LayerTimes) -> float:
        """Milliseconds of all applications with so many heads."""
        return sum(times.attention(count, is_last) for is_last in self.is_last)

    def price_of_neurons(self, count: int, times: LayerTimes) -> float:
        """Milliseconds of all applications with so many neurons."""
        return sum(times.feed_forward(count, is_last) for is_last in self.is_last)

    def milliseconds(self, times: LayerTimes) -> float:
        """Of all applications with all that the layer has."""
        return self.price_of_heads(len(self.heads), times) + self.price_of_neurons(len(self.neurons), times)


@dataclass(frozen=True)
class Block:
    """One of the two blocks of a layer."""

    counts: list[int]
    """How many parts it may keep."""
    values: list[float]
    """What the best so many parts matter together."""
    prices: list[float]
    """Milliseconds that so many take."""


class TooFast(ValueError):
    """A speed that no number of heads and neurons reaches."""

    def __init__(self, most: float) -> None:
        """``most``: how many times as fast the model can become."""
        super().__init__(f"at most {most:.2f} times as fast")
        self.most = most


def counts_for_speed(layers: Sequence[PartValues], times: LayerTimes, speed: float) -> tuple[list[int], list[int]]:
    """How many heads and how many neurons each layer keeps, that the model is ``speed`` times as fast as before.

    Raises:
        TooFast: no counts reach the speed.
    """
    before = times.rest + sum(layer.milliseconds(times) for layer in layers)
    blocks = [*(head_block(layer, times) for layer in layers), *(neuron_block(layer, times) for layer in layers)]
    try:
        counts = choose(blocks, before / speed - times.rest)
    except ValueError:
        raise TooFast(before / (times.rest + sum(min(block.prices) for block in blocks))) from None
    return counts[: len(layers)], counts[len(layers) :]


def head_block(layer: PartValues, times: LayerTimes) -> Block:
    """The attention of a layer."""
    counts = list(range(1, len(layer.heads) + 1))
    return Block(counts, _best(layer.heads, counts), [layer.price_of_heads(count, times) for count in counts])


def neuron_block(layer: PartValues, times: LayerTimes) -> Block:
    """The feed-forward block of a layer, whose neurons go by the portion."""
    most = len(layer.neurons)
    counts = [*range(portion(most), most, portion(most)), most]
    return Block(counts, _best(layer.neurons, counts), [layer.price_of_neurons(count, times) for count in counts])


def _best(scores: Sequence[float], counts: Sequence[int]) -> list[float]:
    sums = list(accumulate(sorted(scores, reverse=True)))
    return [sums[count - 1] for count in counts]


def choose(blocks: Sequence[Block], budget: float) -> list[int]:
    """How many parts each block keeps: of all that takes at most ``budget`` milliseconds, what matters most.

    Raises:
        ValueError: not even the smallest blocks fit.
    """
    best, chosen = np.zeros(_TICKS + 1), []
    for block in blocks:
        best, choices = _with_block(best, block, budget)
        chosen.append(choices)
    if not np.isfinite(best[-1]):
        if sum(min(block.prices) for block in blocks) > budget:
            raise ValueError(f"the smallest blocks take more than {budget:.3g} ms")
        return [block.counts[int(np.argmin(block.prices))] for block in blocks]  # they fit, but for the rounding
    counts, left = [], _TICKS
    for block, choices in zip(reversed(blocks), reversed(chosen), strict=True):
        number = int(choices[left])
        counts.append(block.counts[number])
        left -= _ticks(block.prices[number], budget)
    return counts[::-1]


def _with_block(best: np.ndarray, block: Block, budget: float) -> tuple[np.ndarray, np.ndarray]:
    """The highest value for each number of ticks with one more block, and which of its counts that takes.

    ``best`` is that of the blocks before; ticks that are too few have a value of minus infinity.
    """
    found, choices = np.full(len(best), -np.inf), np.zeros(len(best), np.int32)
    for number, (value, price) in enumerate(zip(block.values, block.prices, strict=True)):
        ticks = _ticks(price, budget)
        if ticks > _TICKS:
            continue
        with_it = best[: len(best) - ticks] + value
        better = with_it > found[ticks:]
        found[ticks:][better], choices[ticks:][better] = with_it[better], number
    return found, choices


def _ticks(price: float, budget: float) -> int:
    return int(np.ceil(price / budget * _TICKS)) if budget > 0 else _TICKS + 1
