"""Table 1: how much each subset of compressions shrinks each architecture."""

from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment
from multipress.analysis.tables import TABLE1_PER_TASK, table1_columns


def table1(study: Experiment) -> pd.DataFrame:
    """A row for each architecture, largest first: size in MB, ratio of each method, what is missing or tells nothing.

    A ratio is the mean over all tasks, NaN where any of them is open. ``fallbacks`` names the methods with tasks where
    no model qualified, and how many of them.
    """
    rows = [_row(study, arch) for arch in range(len(study.grid.archs))]
    return pd.DataFrame(rows, columns=table1_columns(study.grid.methods))


def _row(study: Experiment, arch: int) -> dict[str, Any]:
    methods = study.grid.methods
    ratios = np.mean([chosen.ratio[0, arch] for chosen in study.chosen], axis=0)
    failed = np.sum([chosen.fallback[0, arch] for chosen in study.chosen], axis=0)
    return {
        "arch": study.grid.archs[arch],
        "size_mb": _size(study, arch),
        **dict(zip(methods, ratios, strict=True)),
        "n_tasks": len(study.grid.tasks),
        "fallbacks": ", ".join(f"{method} {n}" for method, n in zip(methods, failed, strict=True) if n),
        "note": study.missing(arch, methods) or study.flat(arch),
    }


def _size(study: Experiment, arch: int) -> float:
    """Size of the uncompressed model in MB; NaN where it is unknown."""
    if study.grid.baseline is None:
        return float("nan")
    return float(study.grid.sizes[:, arch, study.grid.baseline].mean()) or float("nan")


def per_task(study: Experiment) -> pd.DataFrame:
    """A row for each architecture, task and method: the ratio, and the model that was chosen for it.

    ``at_end_of_curve`` says where that is of the smallest or largest architecture studied, beyond which a model of
    another might be chosen; it is empty where none qualified, too.
    """
    archs, tasks = study.grid.archs, study.grid.tasks
    return pd.DataFrame(
        [
            _task_row(study, arch, task, column)
            for arch in range(len(archs))
            for task in range(len(tasks))
            for column in range(len(study.grid.methods))
        ],
        columns=TABLE1_PER_TASK.columns,
    )


def _task_row(study: Experiment, arch: int, task: int, column: int) -> dict[str, Any]:
    grid, chosen = study.grid, study.chosen[task]
    model = int(chosen.model[0, arch, column])
    ratio, fallback = float(chosen.ratio[0, arch, column]), bool(chosen.fallback[0, arch, column])
    none = ("", "") if np.isnan(ratio) else (grid.archs[arch], "ft")
    of_arch, recipe = divmod(model, len(grid.recipes))
    names = none if model < 0 else (grid.archs[of_arch], grid.recipes[recipe])
    return {
        "arch": grid.archs[arch],
        "task": grid.tasks[task],
        "method": grid.methods[column],
        "ratio": ratio,
        "chosen_arch": names[0] or float("nan"),
        "chosen_recipe": names[1] or float("nan"),
        "fallback": float("nan") if np.isnan(ratio) else fallback,
        "at_end_of_curve": float("nan") if np.isnan(ratio) else "" if model < 0 else _end(of_arch, len(grid.archs)),
    }


def _end(arch: int, count: int) -> str:
    """Which end of the studied architectures one is at; empty if others lie on both sides."""
    if count == 1:
        return "only"
    return {0: "largest", count - 1: "smallest"}.get(arch, "")
