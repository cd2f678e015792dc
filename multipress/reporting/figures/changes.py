"""What compression changes row by row: the shares of dev rows that a model loses and wins against ft."""

from collections.abc import Sequence
from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from multipress.compression.recipes import Variants, recipe_order
from multipress.reporting.figures.style import labelled, nothing, style

_LOST, _WON, _NET = "#d55e00", "#0173b2", "#222222"

_SHARES = ["right → wrong", "wrong → right", "won less lost"]
"""In the order of the legend."""

_COLUMNS = 3
"""Panels in a row."""

_LEAST = 1.0
"""Percent of rows that the axis spans to each side at least."""


@style()
def lost_and_won(changes: pd.DataFrame, variants: Variants, heading: str) -> Figure:
    """A panel for each architecture and a bar for each recipe: right → wrong to the left, wrong → right to the right.

    Shares are means over the tasks with classes. A recipe that lacks one of them is left out.

    Args:
        changes: The table of ``multipress.analysis.predictions.changes``.
        variants: The steps that variants in recipes vary.
        heading: Text above all panels.
    """
    shares = _means(changes)
    if shares.empty:
        return nothing("no task with classes has both ft and a compressed model", heading)
    archs = [arch for arch in dict.fromkeys(changes["arch"]) if arch in shares.index.get_level_values("arch")]
    names = sorted(set(shares.index.get_level_values("recipe")), key=lambda recipe: recipe_order(recipe, variants))
    columns = min(_COLUMNS, len(archs))
    rows = -(-len(archs) // columns)
    size = max(7.2, 2.8 * columns), rows * (0.8 + 0.21 * len(names)) + 1.1
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for arch, axes in zip(archs, panels.flat, strict=False):
        _draw(axes, shares.loc[arch], names)
        axes.set_title(arch)
    for axes in panels.flat[len(archs) :]:
        axes.set_axis_off()
    reach = max(_LEAST, 1.1 * shares[["lost", "won"]].max(axis=None))
    panels[0, 0].set_xlim(-reach, reach)
    panels[0, 0].set_ylim(len(names) - 0.4, -0.6)
    figure.suptitle(heading)
    _add_legend(figure, list(panels.flat), changes)
    return figure


def _means(changes: pd.DataFrame) -> pd.DataFrame:
    """Percent of rows lost and won against ft, by arch and recipe: means over tasks, complete ones alone."""
    known = changes.dropna(subset=["churn_ft"])
    groups = known.groupby(["arch", "recipe"], sort=False)
    means = 100 * groups[["right_to_wrong_ft", "wrong_to_right_ft"]].mean()
    complete = groups["task"].nunique() == known["task"].nunique()
    return means[complete].set_axis(["lost", "won"], axis="columns")


def _draw(axes: Axes, shares: pd.DataFrame, names: Sequence[str]) -> None:
    places = [names.index(recipe) for recipe in shares.index]
    axes.barh(places, -shares["lost"], height=0.7, color=_LOST, label=_SHARES[0])
    axes.barh(places, shares["won"], height=0.7, color=_WON, label=_SHARES[1])
    net = shares["won"] - shares["lost"]
    axes.plot(net, places, "D", color=_NET, markeredgecolor="white", markersize=5, label=_SHARES[2], zorder=3)
    axes.axvline(0, color="0.3", linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, prune="both"))  # else the ends of two panels collide
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{abs(share):g}"))


def _add_legend(figure: Figure, panels: Sequence[Axes], changes: pd.DataFrame) -> None:
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
    handles = labelled(panels)
    classified = changes.dropna(subset=["churn_ft"])
    tasks = fill(f"mean over {', '.join(classified['task'].unique())}; seeds: {classified['n_seeds'].max()}", width=80)
    figure.legend(
        [handles[label] for label in _SHARES],
        _SHARES,
        loc="outside lower center",
        ncols=len(_SHARES),
        frameon=False,
        title=f"Percent of dev rows that are answered otherwise than by ft,\n{tasks}",
    )
