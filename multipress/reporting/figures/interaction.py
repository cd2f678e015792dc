"""Do compressions multiply? Each combination against its parts, as a heat map with intervals.

Sizes are held to what the paper's rule gives where losses of score add up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.analysis.verdicts import ADDITIVE, CAN_NOT_TELL, DIMINISHING, LESS, MORE, SUM, SUPER
from multipress.reporting.figures.style import nothing, style

_SIGNS = {SUPER: "▲", ADDITIVE: "=", DIMINISHING: "▼", LESS: "▲", SUM: "=", MORE: "▼", CAN_NOT_TELL: "?"}
_COLORS = "PuOr"
"""Orange where a combination is worse than its parts, purple where it is better; the signs say it without colour."""

_DARKEST = 2.4
"""Strength of the darkest colour. None of the cells, which end at 1, is so dark that its text could not be read."""

_PALE = 0.4
"""The strength of colours where the interval leaves the verdict open."""


@dataclass(frozen=True)
class _Panel:
    """How one of the two tables is shown."""

    column: str
    """Column of the number."""
    title: str
    strength: Callable[[pd.DataFrame], pd.Series]
    """Strength of the colour for rows: -1 (much worse than the parts) to 1; what is beyond is cut off."""
    number: str
    """Format of the number."""


_ADDITIVE = "expected_if_additive"
_RATIOS = _Panel(
    "ratio",
    "Size, the paper's rule: ratio / product of the single ratios",
    lambda table: np.log2(table["ratio"] / table[_ADDITIVE]),
    "{:.2f}",
)
_SCORES = _Panel(
    "difference",
    "Score: points lost beyond the sum of the single losses (below 0: gained)",
    lambda table: -table["difference"] / 2,
    "{:+.2f}",
)


@style()
def heat_map(ratios: pd.DataFrame, losses: pd.DataFrame, confidence: float, heading: str) -> Figure:
    """A cell for each architecture and combination: the number, its interval and its verdict.

    Args:
        ratios: The table of ``multipress.analysis.interaction``.
        losses: The table of ``multipress.analysis.score_losses``.
        confidence: Confidence of the intervals.
        heading: Text above both panels.
    """
    if ratios.empty:
        return nothing("no model combines several compressions", heading)
    rows = ratios["arch"].nunique()
    figure = Figure(figsize=(10.8, 2.1 + 0.62 * rows), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    _draw(panels[0], ratios, _RATIOS)
    _draw(panels[1], losses, _SCORES)
    figure.suptitle(heading)
    figure.supxlabel(
        f"[{confidence:.0%} interval]   ▲ better than its parts say   = as they say   ▼ worse   ? can't tell\n"
        "purple: better, orange: worse, the stronger the more; pale: can't tell",
        fontsize="small",
    )
    return figure


def _draw(axes: Axes, table: pd.DataFrame, panel: _Panel) -> None:
    archs, names = list(dict.fromkeys(table["arch"])), list(dict.fromkeys(table["combination"]))
    cells = table.set_index(["arch", "combination"])
    wide = cells.assign(strength=panel.strength(cells)).unstack().reindex(archs)
    values, is_open = wide["strength"][names].to_numpy(float), wide["verdict"][names].to_numpy() == CAN_NOT_TELL
    axes.set_facecolor("0.93")  # seen where a number is not known
    strength = np.clip(values, -1, 1) * np.where(is_open, _PALE, 1)
    limits = {"vmin": -_DARKEST, "vmax": _DARKEST}
    sns.heatmap(strength, ax=axes, cmap=_COLORS, cbar=False, xticklabels=False, yticklabels=False, **limits)
    for row, arch in enumerate(archs):
        for column, name in enumerate(names):
            text = _text(cells.loc[(arch, name)], panel)  # seaborn would leave out cells without a colour
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize="small")
    axes.set_xticks(np.arange(len(names)) + 0.5, names)
    axes.set_yticks(np.arange(len(archs)) + 0.5, [fill(arch, 16) for arch in archs])
    axes.axhline(len(archs) - 1, color="0.3", linewidth=1)
    axes.spines[:].set_visible(True)
    axes.grid(False)
    axes.set_title(panel.title, fontsize="medium")


def _text(cell: pd.Series, panel: _Panel) -> str:
    if np.isnan(cell[panel.column]):
        return "NA"
    number = f"{_SIGNS[cell['verdict']]} {panel.number.format(cell[panel.column])}"
    is_open = np.isnan(cell["low"])
    interval = "no interval" if is_open else f"[{_end(cell['low'], panel)}, {_end(cell['high'], panel)}]"
    expected = cell.get(_ADDITIVE, np.nan)
    return f"{number}\n{interval}" + ("" if np.isnan(expected) else f"\nadditive {_end(expected, panel)}")


def _end(value: float, panel: _Panel) -> str:
    """An end of an interval as text; those of two tasks can be far away."""
    return f"{value:.0e}" if abs(value) >= 1000 else panel.number.format(value)
