"""How the trainings went: losses and dev scores, stage by stage."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas.api.types import is_numeric_dtype

from multipress import recipes
from multipress.errors import UserError
from multipress.figures.look import columns_that_fit, looks_of_architectures, style
from multipress.tables import read_table

STAGES = {"finetune": "ft", "distill": "kd", "prune": "mp", "quantize": "int"}
"""The columns, and what the last step of their recipes begins with."""

LABELS = {"loss": "training loss", "dev_score": "dev score"}
_COLUMNS = ["step", "epoch", *LABELS]

_MARKED = 8
"""Points of a line that bear its marker, about."""


def read_histories(files: Sequence[Path]) -> pd.DataFrame:
    """Rows of all histories; their paths, ``{task}/{arch}/seed{seed}/{recipe}.csv``, give four more columns.

    Raises:
        UserError: a file is missing or no history, or lies in no such place.
    """
    return pd.concat([_read(file) for file in files], ignore_index=True)


def _read(file: Path) -> pd.DataFrame:
    task, arch, seed = file.parts[-4:-1] if len(file.parts) > 3 else ("", "", "")
    if not seed.startswith("seed") or not _is_trained(file.stem):
        raise UserError(f"{file} is no history: expected …/task/arch/seed1/recipe.csv")
    rows = read_table(file, _COLUMNS, maker="the training that writes it")
    if rows.empty or not all(is_numeric_dtype(rows[column]) for column in _COLUMNS):
        raise UserError(f"{file} holds no rows of numbers; rerun the training that writes it")
    return rows.assign(task=task, arch=arch, seed=seed, recipe=file.stem)


def _is_trained(name: str) -> bool:
    """Whether the name is a recipe whose last step is a training."""
    try:
        last = recipes.parse(name)[-1]
    except ValueError:
        return False
    return last.startswith(tuple(STAGES.values()))


@style()
def training_curves(histories: pd.DataFrame, archs: Sequence[str], what: str, heading: str) -> Figure:
    """A panel for each task and stage, a line for each architecture, dashed where the model was distilled.

    Lines are means over seeds and over a twentieth of the training, bands the seeds' range.

    Args:
        histories: As ``read_histories`` makes it; for each stage one recipe of each lineage (ft, kd) at most.
        archs: Largest first.
        what: A key of ``LABELS``.
        heading: Above all.

    Raises:
        UserError: an architecture is not among ``archs``.
    """
    if unknown := sorted(set(histories["arch"]) - set(archs)):
        raise UserError(f"histories of architectures that are not asked for: {', '.join(unknown)}; name them, too")
    tasks = list(dict.fromkeys(histories["task"]))
    stages = [stage for stage in STAGES if histories["recipe"].map(_stage).eq(stage).any()]
    width = max(6.4, 2.5 * len(stages) + 0.6)
    figure = Figure(figsize=(width, 1.75 * len(tasks) + 1.1), layout="constrained")
    panels = figure.subplots(len(tasks), len(stages), sharex="col", squeeze=False)
    looks = looks_of_architectures(archs)
    for row, task in zip(panels, tasks, strict=True):
        for axes, stage in zip(row, stages, strict=True):
            _draw(axes, histories[(histories["task"] == task) & histories["recipe"].map(_stage).eq(stage)], what, looks)
        row[0].set_ylabel(f"{task}\n{LABELS[what]}")
    for axes, stage in zip(panels[0], stages, strict=True):
        names = histories["recipe"][histories["recipe"].map(_stage) == stage].unique()
        axes.set_title(f"{stage}\n{', '.join(sorted(names))}", fontsize="small")
    for axes in panels[-1]:
        axes.set_xlabel("epochs")
        axes.set_xlim(left=0)
    _explain(figure, looks, heading, histories["seed"].nunique())
    return figure


def _stage(recipe: str) -> str:
    last = recipes.parse(recipe)[-1]
    return next(stage for stage, beginning in STAGES.items() if last.startswith(beginning))


def _draw(axes: Axes, rows: pd.DataFrame, what: str, looks: dict[str, dict[str, Any]]) -> None:
    known = rows.dropna(subset=[what])
    if known.empty:
        axes.text(0.5, 0.5, "none", ha="center", va="center", color="0.35", transform=axes.transAxes)
    for (arch, recipe), curve in known.groupby(["arch", "recipe"], sort=False):
        means = _smooth(curve.groupby("epoch")[what].agg(["mean", "min", "max"]))
        dashed = recipes.is_distilled(str(recipe))
        color, marker = looks[str(arch)]["color"], looks[str(arch)]["marker"]
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
        axes.fill_between(means.index, means["min"], means["max"], color=color, alpha=0.15, linewidth=0)


def _smooth(curves: pd.DataFrame) -> pd.DataFrame:
    """Averages over a twentieth of the training, so that losses of small batches can be read."""
    return curves.rolling(max(1, len(curves) // 20), min_periods=1).mean()


def _explain(figure: Figure, looks: dict[str, dict[str, Any]], heading: str, seeds: int) -> None:
    handles = [Line2D([], [], markersize=4, linewidth=1, **look) for look in looks.values()]
    grey: dict[str, Any] = {"color": "0.3", "linewidth": 1, "marker": "o", "markersize": 4}
    handles += [Line2D([], [], **grey), Line2D([], [], **grey, linestyle="--", markerfacecolor="white")]
    labels = [*looks, "ft and from it", "kd and from it"]
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=columns_that_fit(figure, labels, most=4),
        frameon=False,
        title=f"Bands: range over seeds, n = {seeds}" if seeds > 1 else None,
    )
    figure.suptitle(heading)
