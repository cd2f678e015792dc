"""Score against size: Figure 1 of Movva et al. (2022), and the same for every task."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from multipress import recipes
from multipress.errors import UserError
from multipress.files import replacing

_UNDATED: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
"""The file formats, each with the metadata that keeps the time of drawing out of the file."""

_BLACK = "#222222"
_BLUE, _ORANGE, _GREEN = sns.color_palette("colorblind", 3).as_hex()

_TRAINED = {"none": (_BLACK, "o"), "KD": (_BLUE, "s"), "MP": (_ORANGE, "^"), "KD+MP": (_GREEN, "P")}
"""Colour and marker say how the weights were trained; a dashed line with open markers says that they are quantized."""

_QUANTIZED = {"QAT": "none", "QAT+KD": "KD", "QAT+MP": "MP", "QAT+KD+MP": "KD+MP"}

LEGEND_ORDER = [name for pair in zip(_QUANTIZED.values(), _QUANTIZED, strict=True) for name in pair]
"""In four columns: above the float curve, below it the quantized one."""

_LEAST_SPAN = 2.0
"""Score points that a vertical axis spans at least, lest noise look like an effect."""


@contextmanager
def style() -> Iterator[None]:
    """One look on every machine: a user's own matplotlibrc has no say, and SVG ids do not change between runs."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(sns.axes_style("whitegrid"))
        matplotlib.rcParams.update(sns.plotting_context("paper"))
        matplotlib.rcParams.update({"svg.hashsalt": "multipress", "font.sans-serif": ["DejaVu Sans"]})
        matplotlib.rcParams.update({"grid.color": "0.9", "grid.linewidth": 0.6, "axes.edgecolor": "0.4"})
        yield


@style()
def figure1(summary: pd.DataFrame) -> Figure:
    """The mean score against size, one curve for each subset of compressions.

    Args:
        summary: As ``multipress.tables.summarize`` makes it; rows without a score are left out, and the title says so.

    Raises:
        UserError: no row has a score.
    """
    points = summary.dropna(subset=["score"])
    if points.empty:
        raise UserError("no model has a score on every task; see the column note of the summary, and evaluate the rest")
    figure = Figure(figsize=(7.2, 5.4), layout="constrained")
    axes = figure.subplots()
    _draw_curves(axes, points)
    name_architectures(axes, points[points["subset"] == "none"])
    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlabel("Size in MB (10⁶ bytes; pruned weights count zero), smaller to the right")
    axes.set_ylabel(f"Mean dev-set score (0–100; tasks: {points['n_tasks'].max()})")
    axes.set_title(title(points["data"]) + _omission(len(summary) - len(points)))
    add_legend(figure, int(points["n_seeds"].max()))
    return figure


@style()
def per_task(results: pd.DataFrame) -> Figure:
    """The score against size in a panel for each task.

    Args:
        results: As ``multipress.tables.tabulate`` makes it.
    """
    tasks = results.groupby("task", sort=False)
    columns = min(4, len(tasks))
    rows = ceil(len(tasks) / columns)
    figure = Figure(figsize=(max(7.2, 3 * columns), 2.8 * rows + 0.9), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False).flat
    for axes, (task, models) in zip(panels, tasks, strict=False):
        _draw_curves(axes, _mean_over_seeds(models))
        scale_axes(axes, ticks=(1, 3))
        axes.set(title=task, xlabel="Size in MB, smaller to the right", ylabel=f"100 × {models['metric'].iloc[0]}")
        axes.tick_params(labelbottom=True)
    for axes in panels[len(tasks) :]:
        axes.remove()
    figure.suptitle(title(results["data"]))
    add_legend(figure, results["seed"].nunique())
    return figure


@style()
def save(figure: Figure, prefix: Path, dots_per_inch: int) -> None:
    """Write ``prefix``.svg, .pdf and .png: the same bytes for the same figure, whenever and wherever it is drawn.

    ``dots_per_inch`` is the resolution of the png.
    """
    for suffix, metadata in _UNDATED.items():
        with replacing(f"{prefix}.{suffix}") as temporary:
            figure.savefig(temporary, format=suffix, dpi=dots_per_inch, metadata=metadata)


def _mean_over_seeds(models: pd.DataFrame) -> pd.DataFrame:
    points = models.groupby(["arch", "recipe"], as_index=False, sort=False).agg(
        score=("score", "mean"), score_std=("score", "std"), paper_mb=("paper_mb", "mean")
    )
    return points.assign(subset=points["recipe"].map(recipes.subset))


def _draw_curves(axes: Axes, points: pd.DataFrame) -> None:
    """A curve for each subset among ``points``, through all architectures and sparsities in the order of their size."""
    for subset in LEGEND_ORDER:
        curve = points[points["subset"] == subset].sort_values("paper_mb")
        if not curve.empty:
            draw_curve(axes, curve, "paper_mb", subset)


def draw_curve(axes: Axes, curve: pd.DataFrame, cost: str, subset: str) -> None:
    """The scores of ``curve`` against its column ``cost``, in the order of its rows and with the look of a subset."""
    is_quantized = subset in _QUANTIZED
    color, marker = _TRAINED[_QUANTIZED.get(subset, subset)]
    axes.errorbar(
        curve[cost],
        curve["score"],
        yerr=curve["score_std"] if curve["score_std"].notna().any() else None,
        label=subset,
        color=color,
        linestyle="--" if is_quantized else "-",
        linewidth=1.2,
        marker=marker,
        markersize=5,
        markerfacecolor="white" if is_quantized else color,
        capsize=2,
    )


def name_architectures(
    axes: Axes, uncompressed: pd.DataFrame, cost: str = "paper_mb", offset: tuple[int, int] = (-4, -4)
) -> None:
    """Write the architectures' names at their uncompressed models, so many points to the right and above."""
    for model in uncompressed.to_dict("records"):
        axes.annotate(
            model["arch"],
            (model[cost], model["score"]),
            xytext=offset,
            textcoords="offset points",
            ha="right" if offset[0] < 0 else "center",
            va="top" if offset[1] < 0 else "bottom",
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=1,  # above the grid, below every curve
        )


def scale_axes(axes: Axes, ticks: tuple[int, ...]) -> None:
    """Logarithmic decreasing cost, labelled at ``ticks`` times the powers of ten; scores that do not blow up noise."""
    axes.set_xscale("log")
    axes.margins(x=0.08)
    axes.xaxis.set_inverted(True)
    axes.xaxis.set_major_locator(LogLocator(subs=ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost:,g}"))
    low, high = axes.get_ylim()
    padding = max(0.0, _LEAST_SPAN - (high - low)) / 2
    axes.set_ylim(low - padding, high + padding)


def title(data: pd.Series, cost: str = "size") -> str:
    """What a figure shows; synthetic data go before all else."""
    if data.str.contains("synthetic").any():
        return "Synthetic GLUE – not comparable with the paper"
    return f"Compressed BERTs: score against {cost}"


def _omission(models: int) -> str:
    return f"\n(models left out for want of a task: {models})" if models else ""


def add_legend(figure: Figure, seeds: int) -> None:
    """One legend of all panels, below them."""
    sns.despine(figure)
    curves = {
        label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    shown = [subset for subset in LEGEND_ORDER if subset in curves]
    figure.legend(
        [curves[subset] for subset in shown],
        shown,
        loc="outside lower center",
        ncols=4,
        frameon=False,
        handlelength=3.5,
        title=f"Bars: ± one standard deviation over seeds, n = {seeds}" if seeds > 1 else None,
    )
