"""How models look by the kind of their weights: float, integer, ternary and binary; open marks have fewer layers."""

from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

FLOAT_BITS = 32
"""Bits of a weight that is not quantized, as recipes count them."""

_SIZE = 6


class Kind(NamedTuple):
    """A kind of weights."""

    label: str
    color: str
    marker: str


FLOAT = Kind("float", "#222222", "o")
INTEGER = Kind("integer", "#0173b2", "s")
TERNARY = Kind("ternary", "#de8f05", "^")
BINARY = Kind("binary", "#7b3294", "D")

KINDS = [FLOAT, INTEGER, TERNARY, BINARY]
"""In the order of legends."""


def kind_of(bits: int) -> Kind:
    """The kind of weights of that many bits, as recipes count them: 32 is float."""
    return {FLOAT_BITS: FLOAT, 2: TERNARY, 1: BINARY}.get(bits, INTEGER)


def mark(axes: Axes, x: Any, y: Any, kind: Kind, fewer_layers: bool, marker: str = "") -> None:
    """Marks in the colour of a kind, and as its marker unless another is given.

    They stay apart where they overlap: filled ones have a thin white edge.
    """
    marker = marker or kind.marker
    edge, width = (kind.color, 1.1) if fewer_layers or marker == "x" else ("white", 0.4)
    axes.plot(
        x,
        y,
        linestyle="",
        marker=marker,
        markersize=_SIZE,
        markerfacecolor="white" if fewer_layers else kind.color,
        markeredgecolor=edge,
        markeredgewidth=width,
    )


def handle(marker: str, color: str, face: str, label: str) -> Line2D:
    """A mark for a legend."""
    return Line2D(
        [],
        [],
        linestyle="",
        marker=marker,
        markersize=_SIZE,
        markerfacecolor=face,
        markeredgecolor=color,
        label=label,
    )
