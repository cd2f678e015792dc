"""How the trainings went: losses and dev scores, stage by stage."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from multipress.compression import recipes
from multipress.core.errors import UserError
from multipress.evaluation.training_histories import STAGES, stage_of
from multipress.reporting.figures.style import architecture_styles, columns_that_fit, style

LABELS = {"loss": "training loss", "dev_score": "dev score"}

_MARKED = 8
"""Points of a line that bear its marker, about."""


@style()
def training_curves(histories: pd.DataFrame, archs: Sequence[str], what: str, heading: str) -> Figure:
    """A panel for each task and stage, a line for each architecture, dashed where the model was distilled.

    Lines are means over seeds and over a twentieth of the training, bands the seeds' range.

    Args:
        histories: The table that ``read_histories`` makes; for each stage one recipe of each lineage (ft, kd) at most.
        archs: Architectures, largest first.
        what: A key of ``LABELS``.
        heading: Text above all panels.

    Raises:
        UserError: an architecture is not among ``archs``.
    """
    if unknown := sorted(set(histories["arch"]) - set(archs)):
        raise UserError(f"histories of architectures that are not asked for: {', '.join(unknown)}; name them, too")
    tasks = list(dict.fromkeys(histories["task"]))
    stage_of_row = histories["recipe"].map(stage_of)
    stages = [stage for stage in STAGES if (stage_of_row == stage).any()]
    width = max(6.4, 2.5 * len(stages) + 0.6)
    figure = Figure(figsize=(width, 1.75 * len(tasks) + 1.1), layout="constrained")
    panels = figure.subplots(len(tasks), len(stages), sharex="col", squeeze=False)
    styles = architecture_styles(archs)
    for row, task in zip(panels, tasks, strict=True):
        for axes, stage in zip(row, stages, strict=True):
            _draw(axes, histories[(histories["task"] == task) & (stage_of_row == stage)], what, styles)
        row[0].set_ylabel(f"{task}\n{LABELS[what]}")
    for axes, stage in zip(panels[0], stages, strict=True):
        names = histories["recipe"][stage_of_row == stage].unique()
        axes.set_title(f"{stage}\n{', '.join(sorted(names))}", fontsize="small")
    for axes in panels[-1]:
        axes.set_xlabel("epochs")
        axes.set_xlim(left=0)
    _explain(figure, styles, heading, histories["seed"].nunique())
    return figure


def _draw(axes: Axes, rows: pd.DataFrame, what: str, styles: dict[str, dict[str, Any]]) -> None:
    known = rows.dropna(subset=[what])
    if known.empty:
        axes.text(0.5, 0.5, "none", ha="center", va="center", color="0.35", transform=axes.transAxes)
    for (arch, recipe), curve in known.groupby(["arch", "recipe"], sort=False):
        means = _smooth(curve.groupby("epoch")[what].agg(["mean", "min", "max"]))
        dashed = recipes.is_distilled(str(recipe))
        color, marker = styles[str(arch)]["color"], styles[str(arch)]["marker"]
        axes.plot(
            means.index,
            means["mean"],
            color=color,
            marker=marker,
            markersize=3,
            markevery=max(1, len(means) // _MARKED),
            markerfacecolor="white" if dashed else color,
            linestyle="--" if dashed else "-",
            linewidth=1,
        )
        if (means["min"] < means["max"]).any():
            axes.fill_between(means.index, means["min"], means["max"], color=color, alpha=0.15, linewidth=0)


def _smooth(curves: pd.DataFrame) -> pd.DataFrame:
    """Averages over a twentieth of the training, so that losses of small batches can be read."""
    return curves.rolling(max(1, len(curves) // 20), min_periods=1).mean()


def _explain(figure: Figure, styles: dict[str, dict[str, Any]], heading: str, seeds: int) -> None:
    handles = [Line2D([], [], markersize=4, linewidth=1, **marks) for marks in styles.values()]
    grey: dict[str, Any] = {"color": "0.3", "linewidth": 1, "marker": "o", "markersize": 4}
    handles += [Line2D([], [], **grey), Line2D([], [], **grey, linestyle="--", markerfacecolor="white")]
    labels = [*styles, "ft and from it", "kd and from it"]
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=columns_that_fit(figure, labels, most=4),
        frameon=False,
        title=f"Bands: range over seeds, n = {seeds}" if seeds > 1 else None,
    )
    figure.suptitle(heading)
