"""How many times smaller at equal score: the curves, their distance, and what they say beside the paper's rule."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.analysis.curves import Curve, common_range
from multipress.analysis.grid import BASELINE
from multipress.analysis.tables import SIZES
from multipress.analysis.verdicts import POOLED
from multipress.compression.subsets import parts
from multipress.reporting.figures.ratio_rows import LOOKS, draw_rows
from multipress.reporting.figures.style import (
    SubsetStyle,
    labelled,
    legend_order,
    name_architectures,
    nothing,
    say_instead,
    scale_axes,
    style,
    subset_styles,
)

_FARTHEST = 100.0
"""Where ends of intervals are cut off: those of two tasks may lie anywhere."""


@style()
def distances(
    models: pd.DataFrame, curves: pd.DataFrame, ratios: pd.DataFrame, confidence: float, heading: str
) -> Figure:
    """Left the curves of all recipes, then times smaller by method, then the ratio over the product by combination.

    Args:
        models: The table of ``multipress.analysis.pareto``: means over tasks; incomplete models are left out.
        curves: The table of ``multipress.analysis.interaction_curve``, with verdicts.
        ratios: The table of ``multipress.analysis.interaction``: what the paper's rule says.
        confidence: Confidence of the intervals.
        heading: Text above all.
    """
    whole = curves[(curves["range"] == POOLED) & (curves["size"] == SIZES[0])].set_index("method")
    if whole.empty:
        return nothing("no model is compressed", heading)
    by_rule = ratios[ratios["arch"] == POOLED].set_index("combination")
    figure = Figure(figsize=(13.6, 5.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=[6, 3.6, 4])
    _draw_curves(left, models, whole)
    _draw_sizes(middle, whole, by_rule)
    _draw_ratios(right, whole, by_rule)
    figure.suptitle(heading)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    of_curves, of_answers = labelled([left]), labelled([middle, right])
    shown = [name for name in legend_order(set(of_curves) - {_SHARED}) if name in of_curves]
    handles = [*(of_curves[name] for name in shown), *of_answers.values()]
    figure.legend(
        handles,
        [*shown, *of_answers],
        loc="outside lower center",
        ncols=6,
        frameon=False,
        handlelength=3,
        title=f"Shaded: {_SHARED}. Bars: {confidence:.0%} intervals over tasks"
        if whole["low"].notna().any()
        else f"Shaded: {_SHARED}. No intervals",
    )
    return figure


_SHARED = "scores that all curves reach, over which distances are averaged"


def _draw_curves(axes: Axes, models: pd.DataFrame, whole: pd.DataFrame) -> None:
    """The means over tasks; the arrow is at the middle of the shaded scores."""
    known = models.dropna(subset=["score"])
    curves = {recipe: rows.sort_values("size_mb") for recipe, rows in known.groupby("recipe") if len(rows) > 1}
    if BASELINE not in curves:
        say_instead(axes, "the uncompressed models make no curve")
        return
    styles = subset_styles(models["subset"])
    for rows in sorted(curves.values(), key=lambda rows: list(styles).index(rows["subset"].iloc[0])):
        _draw_curve(axes, rows, styles[rows["subset"].iloc[0]])
    name_architectures(axes, known[known["recipe"] == BASELINE], cost="size_mb")
    scale_axes(axes, ticks=(1, 2, 5))
    axes.set_xlabel("Size in MB (10⁶ bytes; pruned weights count zero), smaller to the right")
    axes.set_ylabel(f"Mean dev-set score (0–100; tasks: {known['n_tasks'].max()})")
    axes.set_title("Curves of the means over tasks", fontsize="medium")
    lines = {recipe: Curve.of(*rows[["score", "size_mb"]].to_numpy().T) for recipe, rows in curves.items()}
    low, high = common_range(list(lines.values()))
    if low >= high:
        axes.set_title("Curves of the means over tasks (no score is reached by all)", fontsize="medium")
        return
    axes.axhspan(low, high, color="0.5", alpha=0.12, linewidth=0, label=_SHARED, zorder=0)
    _annotate(axes, whole, lines, (low + high) / 2)


def _draw_curve(axes: Axes, rows: pd.DataFrame, marks: SubsetStyle) -> None:
    axes.plot(
        rows["size_mb"],
        rows["score"],
        label=rows["subset"].iloc[0],
        color=marks.color,
        linestyle=marks.line,
        linewidth=1.1,
        marker=marks.marker,
        markersize=4.5,
        markerfacecolor=marks.face,
    )


def _annotate(axes: Axes, whole: pd.DataFrame, lines: dict[str, Curve], score: float) -> None:
    """An arrow from the uncompressed curve to that of the method which shrinks most, with its mean over tasks."""
    times = whole["times_smaller"].dropna()
    method = times.idxmax() if len(times) else ""
    recipes = [recipe for recipe in str(whole["recipes"].get(method, "")).split(", ") if recipe in lines]
    if not recipes:
        return
    start, end = (np.exp(lines[recipe].at(np.array(score))) for recipe in (BASELINE, recipes[-1]))
    axes.annotate("", (end, score), (start, score), arrowprops={"arrowstyle": "<->", "color": "0.15", "linewidth": 1.2})
    axes.annotate(
        f"{method}: {times[method]:.3g} times smaller",
        (np.sqrt(start * end), score),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )


def _draw_sizes(axes: Axes, whole: pd.DataFrame, by_rule: pd.DataFrame) -> None:
    table = pd.DataFrame(
        {
            "curves": whole["times_smaller"],
            "curves_low": whole["low"],
            "curves_high": whole["high"],
            "rule": by_rule["observed"].reindex(whole.index),
        }
    )
    _draw_rows(axes, table, "Times smaller at equal score")
    axes.set_xlabel("Times smaller than ft")


def _draw_ratios(axes: Axes, whole: pd.DataFrame, by_rule: pd.DataFrame) -> None:
    combinations = [method for method in whole.index if len(parts(method)) > 1]
    if not combinations:
        say_instead(axes, "no model combines several compressions", width=24)
        return
    of_curves, of_rule = whole.loc[combinations], by_rule.reindex(combinations)
    table = pd.DataFrame(
        {
            "rule": of_rule["ratio"],
            "rule_low": of_rule["low"],
            "rule_high": of_rule["high"],
            "rule_if_additive": of_rule["expected_if_additive"],
            "curves": of_curves["ratio"],
            "curves_low": of_curves["ratio_low"],
            "curves_high": of_curves["ratio_high"],
            "curves_if_additive": of_curves["expected_if_additive"],
        }
    )
    _draw_rows(axes, table, "Do sizes multiply?")
    axes.axvline(1, color="0.3", linewidth=1)
    axes.set_xlabel("Over the product of the single methods (1: yes)")


def _draw_rows(axes: Axes, table: pd.DataFrame, title: str) -> None:
    """A row for each index of the table, with the quantities of ``LOOKS`` that it has."""
    draw_rows(axes, table.clip(1 / _FARTHEST, _FARTHEST), LOOKS)
    axes.set_yticks(range(len(table)), _labels(table))
    axes.set_title(title, fontsize="medium")


def _labels(table: pd.DataFrame) -> Sequence[str]:
    return [name if np.isfinite(table.loc[name, "curves"]) else f"{name} (NA)" for name in table.index]
