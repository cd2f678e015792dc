"""Ratios of sizes in rows: by the distance of curves and by the paper's rule, each beside losses that add up."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

_RULE, _CURVES = "#d55e00", "#0173b2"


class Look(NamedTuple):
    """How a quantity is drawn."""

    marker: str
    color: str
    face: str
    """The marker's face colour."""
    label: str


LOOKS = {
    "curves": Look("s", _CURVES, _CURVES, "distance of curves"),
    "curves_if_additive": Look("s", _CURVES, "white", "distance, if losses add up"),
    "rule": Look("o", _RULE, _RULE, "the paper's rule"),
    "rule_if_additive": Look("o", _RULE, "white", "the rule, if losses add up"),
}
"""From top to bottom of a row; open markers are those of losses that add up."""

_FINE = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6, 1.8, 2]
_COARSE = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
_MIDDLE = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20]
_TICKS = {3.0: _FINE, 20.0: _MIDDLE, np.inf: _COARSE}
"""The ticks of an axis, by the last over its first end up to which they are taken."""


def draw_rows(axes: Axes, table: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    """A row for each of the table's, in it the quantities that it has as columns, one below the other.

    A quantity has a bar from ``…_low`` to ``…_high`` where there are such columns. The axis is logarithmic.
    """
    names = [name for name in looks if name in table]
    for place, name in enumerate(names):
        places = np.arange(len(table)) + (place - (len(names) - 1) / 2) * 0.75 / len(names)
        marker, color, face, label = looks[name]
        if f"{name}_low" in table:
            axes.hlines(places, table[f"{name}_low"], table[f"{name}_high"], color=color, linewidth=1.2)
        axes.plot(table[name], places, marker, color=color, markerfacecolor=face, markersize=6, label=label)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xscale("log")
    axes.margins(x=0.08)
    low, high = axes.get_xlim()
    ticks = next(ticks for most, ticks in _TICKS.items() if high / low <= most)
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
