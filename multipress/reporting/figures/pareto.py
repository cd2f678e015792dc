"""Which models are worth having: all of them, and the front that nothing beats."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.reporting.figures.style import (
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

_APART = 8
"""Points between two numbers in the figure, about; where models are closer, one number stands for all."""


@style()
def front(models: pd.DataFrame, heading: str) -> Figure:
    """Every model's mean score against its size; those on the Pareto front are joined, numbered and listed.

    Args:
        models: The table of ``multipress.analysis.pareto``; incomplete models are left out, and the heading
            counts them.
        heading: Text above all.
    """
    known = models.dropna(subset=["score"])
    if known.empty:
        return nothing("no model has a score on every task", heading)
    best = known[known["on_front"].astype(bool)].sort_values("size_mb", kind="stable")
    lines = _listed(best)
    beside = _LETTER * max(map(len, lines)) + 0.1
    figure = Figure(figsize=(7.2 + beside, 5.4), layout="constrained")
    axes, text = figure.subplots(1, 2, width_ratios=[7.2, beside])
    text.set_axis_off()
    text.text(0, 1, "\n".join(lines), va="top", family="DejaVu Sans Mono", fontsize=7, transform=text.transAxes)
    for subset, marks in subset_styles(models["subset"]).items():
        points = known[known["subset"] == subset]
        if not points.empty:
            draw_points(axes, points["size_mb"], points["score"], subset, marks)
    axes.plot(best["size_mb"], best["score"], color="0.35", linewidth=0.9, drawstyle="steps-post", zorder=0.9)
    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlabel("Size in MB (10⁶ bytes; pruned weights count zero), smaller to the right")
    axes.set_ylabel(f"Mean dev-set score (0–100; tasks: {known['n_tasks'].max()})")
    figure.suptitle(heading + left_out(len(models) - len(known)))
    add_legend(figure)
    _number(axes, best, figure.dpi)
    return figure


def _number(axes: Axes, best: pd.DataFrame, dots_per_inch: float) -> None:
    """Write numbers above and right of the front, where no model lies; ``2–4`` at the last of three that touch."""
    models = best[["size_mb", "score"]].to_numpy()
    points = axes.transData.transform(models) * 72 / dots_per_inch
    first = 0
    for number, point in enumerate(points):
        if number + 1 < len(points) and abs(points[number + 1] - point).max() < _APART:
            continue
        text = f"{number + 1}" if first == number else f"{first + 1}–{number + 1}"
        size, score = models[number]
        axes.annotate(text, (size, score), xytext=(3, 2), textcoords="offset points", fontsize="x-small")
        first = number + 1


def _listed(best: pd.DataFrame) -> list[str]:
    """The front as lines of text, smallest first."""
    shown = best.head(_LISTED).to_dict("records")
    names = [f"{model['arch']}/{model['recipe']}" for model in shown]
    width = max(map(len, ["on the front", *names]))
    lines = [f"   {'on the front':<{width}}{'MB':>10}{'score':>7}"]
    for number, (name, model) in enumerate(zip(names, shown, strict=True), 1):
        lines.append(f"{number:2} {name:<{width}}{model['size_mb']:10,.3f}{model['score']:7.2f}")
    more = len(best) - len(shown)
    return [*lines, f"   and {more} more in pareto.csv"] if more else lines
