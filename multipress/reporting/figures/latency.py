"""Score against latency, as Figure 1 is drawn."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from multipress.core.errors import UserError
from multipress.reporting.figures.style import (
    SubsetStyle,
    add_legend,
    draw_curve,
    name_architectures,
    scale_axes,
    style,
    subset_styles,
    title,
)

RUNTIME = "onnxruntime"
"""The one in which all models run, quantized ones in integers."""


@style()
def score_against_latency(latencies: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """The mean score against the latency of a batch, in a panel for each batch size.

    A line joins the architectures of one recipe. Latencies are those of the longest fixed length, or of the tasks' own
    rows where no length is fixed; they are averaged over the tasks and seeds that were measured.

    Args:
        latencies: The table that ``multipress.evaluation.latency.table.gather`` makes.
        summary: The table that ``multipress.evaluation.results_table.summarize`` makes, over all tasks.

    Raises:
        UserError: no model has both a latency and a score.
    """
    measured = _of_longest(latencies[latencies["runtime"] == RUNTIME])
    means = measured.groupby(["batch", "arch", "recipe"], as_index=False, sort=False)["p10_ms"].mean()
    points = means.merge(summary.dropna(subset=["score"]), on=["arch", "recipe"])
    if points.empty:
        raise UserError(f"no model has both a latency in {RUNTIME} and a score on every task: measure and evaluate it")
    sizes, styles = sorted(points["batch"].unique()), subset_styles(summary["subset"])
    figure = Figure(figsize=(max(7.2, 4.6 * len(sizes)), 5.0), layout="constrained")
    panels = figure.subplots(1, len(sizes), sharey=True, squeeze=False).flat
    for axes, size in zip(panels, sizes, strict=True):
        _draw_panel(axes, points[points["batch"] == size], styles)
        axes.set_title("One row" if size == 1 else f"Batches of {size} rows", loc="left")
        axes.set_xlabel("Latency in ms, faster to the right")
    figure.axes[0].set_ylabel(f"Mean dev-set score (0–100; tasks: {points['n_tasks'].max()})")
    figure.suptitle(f"{title(points['data'], 'latency')}\n{_conditions(measured)}")
    add_legend(figure, int(points["n_seeds"].max()))
    return figure


def _of_longest(measured: pd.DataFrame) -> pd.DataFrame:
    fixed = measured["length"][measured["length"] != "task"].astype(int)
    longest = "task" if fixed.empty else str(fixed.max())
    return measured[measured["length"] == longest]


def _draw_panel(axes: Axes, points: pd.DataFrame, styles: dict[str, SubsetStyle]) -> None:
    for subset, marks in styles.items():
        for _, curve in points[points["subset"] == subset].groupby("recipe", sort=False):
            draw_curve(axes, curve.sort_values("p10_ms"), "p10_ms", subset, marks)
    # Above: pruned models, as slow as these and a little worse, stand below.
    name_architectures(axes, points[points["subset"] == "none"], "p10_ms", offset=(0, 6))
    scale_axes(axes, ticks=(1, 2, 5))


def _conditions(measured: pd.DataFrame) -> str:
    """What was measured, and on what."""
    length, threads = measured["length"].iloc[0], measured["threads"].iloc[0]
    rows = "rows of the task" if length == "task" else f"rows of {length} tokens"
    processors = ", ".join(dict.fromkeys(measured["cpu"]))
    return f"{RUNTIME}, {rows}, {threads} thread{'s' if threads > 1 else ''} of {processors}"
