"""How long the parts of an encoder layer take on a machine, and from that how long a model takes."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from multipress.core import csv_tables
from multipress.core.errors import UserError

Precision = Literal["float32", "int8"]

Part = Literal["rest", "attention", "feed_forward", "last_attention", "last_feed_forward"]
"""What is measured. The last layer computes the first token alone, so that its parts have times of their own; the rest
is all that a model has beside its layers."""

PARTS: tuple[Part, ...] = get_args(Part)

PRECISIONS: tuple[Precision, ...] = get_args(Precision)

COLUMNS = ("arch", "precision", "part", "count", "p10_ms", "median_ms", "n", "batch", "length", "threads", "cpu")
"""Of the table: ``count`` heads or neurons take so long."""

TEXT_COLUMNS = ("arch", "precision", "part", "cpu")


class LayerShape(NamedTuple):
    """A layer as a model applies it."""

    heads: int
    neurons: int
    is_last: bool


@dataclass(frozen=True)
class LayerTimes:
    """Milliseconds of each part at some counts, of one architecture and precision."""

    parts: Mapping[Part, Mapping[int, float]]
    """By part, then by count; the rest has one, at 0."""

    def attention(self, heads: int, is_last: bool) -> float:
        """Milliseconds of an attention block with its sum and LayerNorm."""
        return _between(self.parts["last_attention" if is_last else "attention"], heads)

    def feed_forward(self, neurons: int, is_last: bool) -> float:
        """Milliseconds of a feed-forward block with its sum and LayerNorm."""
        return _between(self.parts["last_feed_forward" if is_last else "feed_forward"], neurons)

    @property
    def rest(self) -> float:
        """Milliseconds of embeddings, pooler and classifier, and of a call as such."""
        return self.parts["rest"][0]

    def model(self, layers: Iterable[LayerShape]) -> float:
        """Milliseconds of a model with these layers."""
        return self.rest + sum(
            self.attention(layer.heads, layer.is_last) + self.feed_forward(layer.neurons, layer.is_last)
            for layer in layers
        )


def _between(measured: Mapping[int, float], count: int) -> float:
    """On straight lines between the measured counts; beyond them, on the line of the two that are nearest."""
    known = sorted(measured)
    if count in measured or len(known) == 1:
        return measured.get(count, measured[known[0]])
    above = next((place for place, each in enumerate(known) if each > count), len(known) - 1)
    low, high = known[max(above, 1) - 1], known[max(above, 1)]
    slope = (measured[high] - measured[low]) / (high - low)
    return max(0.0, measured[low] + slope * (count - low))


def read_layer_times(path: Path, precision: Precision) -> LayerTimes:
    """The times of one precision from a table with ``COLUMNS``; raises a UserError where the file is no such table."""
    table = csv_tables.read(path, COLUMNS, "the rule measure_layers", text=TEXT_COLUMNS)
    try:
        return layer_times(table.to_dict("records"), precision)
    except ValueError as error:
        raise UserError(f"{path} has {error}; delete it and rerun the rule measure_layers") from None


def layer_times(rows: Iterable[Mapping[Hashable, Any]], precision: Precision) -> LayerTimes:
    """The times of one precision from a table's rows, each part's 10th percentile.

    Disturbances only add to a time, so that low percentiles are what the machine takes (as in latency.csv's speed-ups).

    Raises:
        ValueError: a part is missing.
    """
    parts: dict[Part, dict[int, float]] = {part: {} for part in PARTS}
    for row in rows:
        if row["precision"] == precision:
            parts[row["part"]][int(row["count"])] = float(row["p10_ms"])
    if absent := [part for part, found in parts.items() if not found]:
        raise ValueError(f"no {precision} times of {absent[0]}")
    return LayerTimes(parts)
