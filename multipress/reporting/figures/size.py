"""Score against size: Figure 1 of Movva et al. (2022), and the same for every task."""

from math import ceil

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.compression import recipes
from multipress.core.errors import UserError
from multipress.reporting.figures.style import (
    PUBLISHED,
    SubsetStyle,
    add_legend,
    draw_curve,
    left_out,
    name_architectures,
    scale_axes,
    style,
    subset_styles,
    title,
)


@style()
def figure1(summary: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """The mean score against size, one curve for each subset of compressions.

    Args:
        summary: The table that ``multipress.evaluation.results_table.summarize`` makes; rows without a score
            are left out, and the title says so.
        published: The paper's points, with columns recipe, size_mb and score; drawn faintly if given.

    Raises:
        UserError: no row has a score.
    """
    points = summary.dropna(subset=["score"])
    if points.empty:
        raise UserError("no model has a score on every task; see the column note of the summary, and evaluate the rest")
    figure = Figure(figsize=(7.2, 5.4), layout="constrained")
    axes = figure.subplots()
    if published is not None:
        _draw_published(axes, published)
    _draw_curves(axes, points, subset_styles(summary["subset"]))
    name_architectures(axes, points[points["subset"] == "none"])
    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlabel("Size in MB (10⁶ bytes; pruned weights count zero), smaller to the right")
    axes.set_ylabel(f"Mean dev-set score (0–100; tasks: {points['n_tasks'].max()})")
    axes.set_title(title(points["data"]) + left_out(len(summary) - len(points)))
    add_legend(figure, int(points["n_seeds"].max()), "" if published is None else f"Faint points: {PUBLISHED}")
    return figure


@style()
def per_task(results: pd.DataFrame) -> Figure:
    """The score against size in a panel for each task.

    Args:
        results: The table that ``multipress.evaluation.results_table.tabulate`` makes.
    """
    tasks = results.groupby("task", sort=False)
    styles = subset_styles(results["recipe"].map(recipes.subset))
    columns = min(4, len(tasks))
    rows = ceil(len(tasks) / columns)
    figure = Figure(figsize=(max(7.2, 3 * columns), 2.8 * rows + 0.9), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False).flat
    for axes, (task, models) in zip(panels, tasks, strict=False):
        _draw_curves(axes, _mean_over_seeds(models), styles)
        scale_axes(axes, ticks=(1, 3))
        axes.set(title=task, xlabel="Size in MB, smaller to the right", ylabel=f"100 × {models['metric'].iloc[0]}")
        axes.tick_params(labelbottom=True)
    for axes in panels[len(tasks) :]:
        axes.remove()
    figure.suptitle(title(results["data"]))
    add_legend(figure, results["seed"].nunique())
    return figure


def _mean_over_seeds(models: pd.DataFrame) -> pd.DataFrame:
    points = models.groupby(["arch", "recipe"], as_index=False, sort=False).agg(
        score=("score", "mean"), score_std=("score", "std"), paper_mb=("paper_mb", "mean")
    )
    return points.assign(subset=points["recipe"].map(recipes.subset))


def _draw_curves(axes: Axes, points: pd.DataFrame, styles: dict[str, SubsetStyle]) -> None:
    """A curve for each subset among ``points``, through all architectures and sparsities in the order of their size."""
    for subset, marks in styles.items():
        curve = points[points["subset"] == subset].sort_values("paper_mb")
        if not curve.empty:
            draw_curve(axes, curve, "paper_mb", subset, marks)


def _draw_published(axes: Axes, models: pd.DataFrame) -> None:
    """The paper's points, in the styles of their subsets."""
    subsets = models["recipe"].map(recipes.subset)
    styles = subset_styles(subsets)
    for subset, size, score in zip(subsets, models["size_mb"], models["score"], strict=True):
        color, marker, _, face = styles[subset]
        axes.plot(size, score, marker=marker, color=color, markerfacecolor=face, markersize=4, alpha=0.35, zorder=1)
