"""Do sizes multiply in the paper's own Figure 1? By its rule and by its curves, each beside scores that add up."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MultipleLocator, NullFormatter

from multipress.reporting.figures.style import labelled, style

_RULE, _CURVES, _PRINTED = "#d55e00", "#0173b2", "#222222"

_LOOKS = {
    "printed": ("D", _PRINTED, _PRINTED, "the paper's Table 1 as printed"),
    "rule": ("o", _RULE, _RULE, "its rule on its Figure 1"),
    "rule_if_additive": ("o", _RULE, "white", "the rule, if scores add up"),
    "curves": ("s", _CURVES, _CURVES, "distance of its curves"),
    "curves_if_additive": ("s", _CURVES, "white", "distance, if scores add up"),
}
"""Marker, colour, colour of the face and name of each quantity; open markers are those of scores that add up."""

_STEP = 0.16
"""Between the lines of one combination, in rows."""


@style()
def multiply(table: pd.DataFrame) -> Figure:
    """A row for each combination, its ratios over the product side by side; bars are what reading errors can do.

    Args:
        table: The table of ``multipress.analysis.reference_check``.
    """
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.axvline(1, color="0.3", linewidth=1)
    for place, name in enumerate(_LOOKS):
        _draw(axes, table, name, (place - (len(_LOOKS) - 1) / 2) * _STEP)
    axes.set_xscale("log")
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MultipleLocator(0.2))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:.1f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(table)), table["combination"])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("Times smaller, over the product of the single methods (1: sizes multiply)")
    axes.set_title("The paper's own figure: do sizes multiply?")
    axes.spines[["top", "right"]].set_visible(False)
    handles = labelled([axes])
    figure.legend(
        handles.values(),
        handles,
        loc="outside lower center",
        ncols=2,
        frameon=False,
        title="Bars: where 95 % of other readings of the digitized figure lie",
    )
    return figure


def _draw(axes: Axes, table: pd.DataFrame, name: str, shift: float) -> None:
    marker, color, face, label = _LOOKS[name]
    places = [place + shift for place in range(len(table))]
    if f"{name}_low" in table:
        axes.hlines(places, table[f"{name}_low"], table[f"{name}_high"], color=color, linewidth=1.2)
    axes.plot(table[name], places, marker, color=color, markerfacecolor=face, markersize=6, label=label)
    for place, value in zip(places, table[name], strict=True):
        axes.annotate(
            f"{value:.2f}",
            (value, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize="x-small",
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )
