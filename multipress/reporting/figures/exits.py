"""Score against the layers that rows pass, for models with exits."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.reporting.figures.mako import mako
from multipress.reporting.figures.style import nothing, style

_MODEL = ["arch", "recipe", "seed"]
_MARKERS = "osD^vPX"


@style()
def score_and_layers(exits: pd.DataFrame, results: pd.DataFrame, heading: str) -> Figure:
    """Each model's score against the mean number of layers that rows of the dev set pass, a panel for each task.

    A line joins the thresholds of a model; the larger open marker is the one that the model was made with.

    Args:
        exits: The table that ``multipress.evaluation.results_table.tabulate_exits`` makes.
        results: The table of all models, of which those with exits are shown.
        heading: Text above all.
    """
    if exits.empty:
        return nothing("no model has exits", heading)
    tasks = list(exits["task"].unique())
    figure = Figure(figsize=(max(7.2, 3.6 * len(tasks)), 4.6), layout="constrained")
    recipes = list(exits[["arch", "recipe"]].drop_duplicates().itertuples(index=False, name=None))
    colors = dict(zip(recipes, mako(len(recipes) + 1), strict=False))
    for axes, task in zip(figure.subplots(1, len(tasks), squeeze=False).flat, tasks, strict=True):
        _draw(axes, exits[exits["task"] == task], results[results["task"] == task], colors)
        axes.set_title(task, loc="left")
        axes.set_xlabel("Layers that a row passes, mean")
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("Dev-set score (0–100)")
    figure.suptitle(heading)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return figure


def _draw(axes: Axes, exits: pd.DataFrame, results: pd.DataFrame, colors: dict[tuple[str, str], str]) -> None:
    named: set[tuple[str, str]] = set()
    for (arch, recipe, seed), curve in exits.groupby(_MODEL, sort=False):
        marks: dict[str, Any] = {
            "color": colors[arch, recipe],
            "marker": _MARKERS[list(colors).index((arch, recipe)) % len(_MARKERS)],
        }
        label = None if (arch, recipe) in named else f"{arch} {recipe}"
        named.add((arch, recipe))
        axes.plot(curve["mean_layers"], curve["score"], markersize=3.5, linewidth=1.2, label=label, **marks)
        own = results[(results["arch"] == arch) & (results["recipe"] == recipe) & (results["seed"] == seed)]
        axes.plot(own["mean_layers"], own["score"], linestyle="", markersize=9, markerfacecolor="none", **marks)
