"""Which models are worth having: all of them, and the front that nothing beats."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.reporting.figures.style import (
    SubsetStyle,
    add_legend,
    draw_points,
    left_out,
    nothing,
    scale_axes,
    style,
    subset_styles,
)

_LISTED = 30
"""Models of the front that the list beside it has room for."""

_LETTER = 4.2 / 72
"""Width of a letter of that list in inches."""

_LONG = 100_000
"""A cost from which on decimals have no room."""

_APART = 8
"""Points between two numbers in the figure, about; where models are closer, one number stands for all."""


class Cost(NamedTuple):
    """What scores are held against."""

    column: str
    label: str
    """Of the axis."""
    unit: str
    """Above the list of the front."""


SIZE = Cost("size_mb", "Size in MB (10⁶ bytes; pruned weights count zero), smaller to the right", "MB")

CONTROL = SubsetStyle("0.45", "x", "", "none")
"""Models that are controls, whatever they are trained for."""

CONTROLS = "controls"
"""Their name in the legend, and in the column ``subset``."""


@style()
def front(models: pd.DataFrame, heading: str, cost: Cost = SIZE) -> Figure:
    """Every model's mean score against its cost; those on the Pareto front are joined, numbered and listed.

    Args:
        models: The table of ``multipress.analysis.pareto``, or one with another cost; incomplete models are left out,
            and the heading counts them.
        heading: Text above all.
        cost: What the horizontal axis shows.
    """
    known = models.dropna(subset=["score", cost.column])
    if known.empty:
        return nothing("no model has a score on every task", heading)
    best = known[known["on_front"].astype(bool)].sort_values(cost.column, kind="stable")
    lines = _listed(best, cost)
    beside = _LETTER * max(map(len, lines)) + 0.1
    figure = Figure(figsize=(7.2 + beside, 5.4), layout="constrained")
    axes, text = figure.subplots(1, 2, width_ratios=[7.2, beside])
    text.set_axis_off()
    text.text(0, 1, "\n".join(lines), va="top", family="DejaVu Sans Mono", fontsize=7, transform=text.transAxes)
    styles = subset_styles(models.loc[models["subset"] != CONTROLS, "subset"]) | {CONTROLS: CONTROL}
    for subset, marks in styles.items():
        points = known[known["subset"] == subset]
        if not points.empty:
            draw_points(axes, points[cost.column], points["score"], subset, marks)
    axes.plot(best[cost.column], best["score"], color="0.35", linewidth=0.9, drawstyle="steps-post", zorder=0.9)
    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlabel(cost.label)
    axes.set_ylabel(f"Mean dev-set score (0–100; tasks: {known['n_tasks'].max()})")
    figure.suptitle(heading + left_out(len(models) - len(known)))
    add_legend(figure)
    number(axes, best[[cost.column, "score"]].to_numpy(), figure.dpi)
    return figure


def number(axes: Axes, models: np.ndarray, dots_per_inch: float) -> None:
    """Write numbers above and right of a front, where no model lies; ``2–4`` at the last of three that touch.

    ``models`` are the places of its models, one a row, in their order; limits of the axes must be final.
    """
    points = axes.transData.transform(models) * 72 / dots_per_inch
    first = 0
    for last, point in enumerate(points):
        if last + 1 < len(points) and abs(points[last + 1] - point).max() < _APART:
            continue
        text = f"{last + 1}" if first == last else f"{first + 1}–{last + 1}"
        axes.annotate(text, tuple(models[last]), xytext=(3, 2), textcoords="offset points", fontsize="x-small")
        first = last + 1


def _listed(best: pd.DataFrame, cost: Cost) -> list[str]:
    """The front as lines of text, the cheapest first."""
    shown = best.head(_LISTED).to_dict("records")
    names = [f"{model['arch']}/{model['recipe']}" for model in shown]
    width = max(map(len, ["on the front", *names]))
    lines = [f"   {'on the front':<{width}}{cost.unit:>10}{'score':>7}"]
    for number, (name, model) in enumerate(zip(names, shown, strict=True), 1):
        spent = model[cost.column]
        shortened = f"{spent:,.3f}" if spent < _LONG else f"{spent:,.0f}"
        lines.append(f"{number:2} {name:<{width}}{shortened:>10}{model['score']:7.2f}")
    more = len(best) - len(shown)
    return [*lines, f"   and {more} more in pareto.csv"] if more else lines
