"""Which models are worth having: all of them, and the front that nothing beats."""

import pandas as pd
from matplotlib.figure import Figure

from multipress.figures.look import LEGEND_ORDER, look_of, say_instead, scale_axes, style

_LISTED = 26
"""Models of the front that the list beside it has room for."""


@style()
def front(models: pd.DataFrame, heading: str) -> Figure:
    """Every model's mean score against its size; those on the Pareto front are joined, numbered and listed.

    Args:
        models: As ``multipress.analysis.pareto.pareto`` makes it; incomplete ones are left out.
        heading: Above all.
    """
    figure = Figure(figsize=(10.2, 5.2), layout="constrained")
    axes, beside = figure.subplots(1, 2, width_ratios=[2.1, 1])
    beside.set_axis_off()
    known = models.dropna(subset=["score"])
    if known.empty:
        say_instead(axes, "no model has a score on every task")
        return figure
    for subset in LEGEND_ORDER:
        points = known[known["subset"] == subset]
        color, marker, _, face = look_of(subset)
        axes.plot(
            points["size_mb"], points["score"], marker, color=color, markerfacecolor=face, markersize=5, label=subset
        )
    best = known[known["on_front"].astype(bool)].sort_values("size_mb")
    axes.plot(best["size_mb"], best["score"], color="0.35", linewidth=0.9, drawstyle="steps-post", zorder=0.9)
    for number, model in enumerate(best.to_dict("records"), 1):
        place = (model["size_mb"], model["score"])
        axes.annotate(str(number), place, xytext=(0, 5), textcoords="offset points", ha="center", fontsize="x-small")
    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlabel("Size in MB (10⁶ bytes; pruned weights count zero), smaller to the right")
    axes.set_ylabel(f"Mean dev-set score (0–100; tasks: {known['n_tasks'].max()})")
    axes.legend(loc="best", ncols=2, fontsize="small")
    beside.text(0, 1, _listed(best), va="top", family="DejaVu Sans Mono", fontsize="x-small")
    figure.suptitle(heading)
    return figure


def _listed(best: pd.DataFrame) -> str:
    """The front as text, smallest first."""
    lines = ["on the front               MB   score"]
    for number, model in enumerate(best.head(_LISTED).to_dict("records"), 1):
        name = f"{model['arch']}/{model['recipe']}"
        lines.append(f"{number:2} {name:<20}{model['size_mb']:7.4g}{model['score']:7.2f}")
    more = len(best) - _LISTED
    return "\n".join(lines if more <= 0 else [*lines, f"   and {more} more in pareto.csv"])
