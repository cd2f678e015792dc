"""What each family of compressions loses for size and for speed, beside models of others."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from multipress.analysis.survey.compressed import UNCOMPRESSED
from multipress.analysis.survey.families import MEASURED
from multipress.reporting.figures.style import columns_that_fit, nothing, say_instead, style

_COLORS = ["#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#56b4e9", "#ca9161", "#949494", "#b5a900"]
_SEVERAL = "several families"
_GREY = "#444444"

_PANELS = {
    "percent": "size by counted parameters and bits, % of the uncompressed model",
    "file_percent": "packed file, % of the uncompressed model's",
    "speedup_cpu": "times faster on a CPU",
}
"""Columns of the table and what the panels' axes say."""

_TICKS = (1, 2, 5)


@style()
def families_figure(families: pd.DataFrame, heading: str) -> Figure:
    """The change of the score against size and speed, a mark for each model; hollow ones are as published.

    Args:
        families: The table of ``multipress.analysis.survey.families``.
        heading: Text above all.
    """
    models = families[(families["family"] != UNCOMPRESSED) & families["change"].notna()]
    models = models.assign(shown=models["family"].where(~models["family"].str.contains("+", regex=False), _SEVERAL))
    if models.empty:
        return nothing("no compressed model has a score on every task, with ft beside it", heading)
    colors = _colors(models["shown"])
    figure = Figure(figsize=(9.6, 4.6), layout="constrained")
    panels = figure.subplots(1, len(_PANELS), sharey=True)
    for axes, (column, label) in zip(panels, _PANELS.items(), strict=True):
        _draw(axes, models.dropna(subset=[column]), column, colors)
        axes.set_xlabel("\n".join(label.split(", ")))
    panels[0].set_ylabel("Change of the mean dev-set score, points")
    _add_legend(figure, models, colors)
    figure.suptitle(heading)
    return figure


def _colors(shown: pd.Series) -> dict[str, str]:
    """A colour for each family, in their order; what combines several is grey and comes last."""
    names = [name for name in shown.unique() if name != _SEVERAL]
    found = {name: _COLORS[number % len(_COLORS)] for number, name in enumerate(names)}
    return found | ({_SEVERAL: _GREY} if _SEVERAL in set(shown) else {})


def _draw(axes: Axes, models: pd.DataFrame, column: str, colors: dict[str, str]) -> None:
    if models.empty:
        say_instead(axes, "none was measured")
        return
    axes.axhline(0, color="0.6", linewidth=0.8)
    for name, color in colors.items():
        for is_ours, marks in models[models["shown"] == name].groupby(models["source"] == MEASURED):
            looks: dict[str, Any] = {"markerfacecolor": color if is_ours else "white", "markeredgecolor": color}
            axes.plot(marks[column], marks["change"], "o" if is_ours else "D", markersize=5, **looks)
    axes.set_xscale("log")
    low, high = models[column].min(), models[column].max()
    axes.set_xlim(min(low, high / 1.5) / 1.15, max(high, low * 1.5) * 1.15)
    axes.xaxis.set_major_locator(LogLocator(subs=_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if column != "speedup_cpu":
        axes.xaxis.set_inverted(True)
    axes.spines[["top", "right"]].set_visible(False)


def _add_legend(figure: Figure, models: pd.DataFrame, colors: dict[str, str]) -> None:
    handles = [Line2D([], [], marker="o", linestyle="", color=color, label=name) for name, color in colors.items()]
    if (models["source"] != MEASURED).any():
        looks: dict[str, Any] = {"linestyle": "", "markerfacecolor": "white", "markeredgecolor": _GREY}
        handles.append(Line2D([], [], marker="D", label="as published of BERT-base", **looks))
    columns = columns_that_fit(figure, [str(handle.get_label()) for handle in handles], most=5)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
