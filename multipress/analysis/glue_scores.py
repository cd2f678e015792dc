"""Scores as GLUE ranks them (Wang et al. 2019), from the metrics that stand beside each score in results."""

import numpy as np
import pandas as pd

from multipress.core.errors import UserError

METRICS = ("accuracy", "f1", "matthews", "pearson", "spearman")
"""Columns of results, in the metrics' natural range."""

_OF_TASKS = {
    "cola": ("matthews",),
    "mrpc": ("accuracy", "f1"),
    "qqp": ("accuracy", "f1"),
    "stsb": ("pearson", "spearman"),
    **dict.fromkeys(("sst2", "mnli", "qnli", "rte"), ("accuracy",)),
}
"""Metrics whose mean is a task's score; of MNLI, on the matched dev set."""


def with_glue_scores(results: pd.DataFrame) -> pd.DataFrame:
    """The results with 100 times GLUE's metrics for scores; other tasks than GLUE's keep theirs.

    Raises:
        UserError: a model lacks a metric of its task, or has it in percent.
    """
    scores = results["score"].copy()
    for task, metrics in _OF_TASKS.items():
        of_task = results["task"] == task
        if not of_task.any():
            continue
        values = results.loc[of_task].reindex(columns=list(metrics))
        if lacking := [metric for metric in metrics if values[metric].isna().any()]:
            raise UserError(
                f"analyze.score is glue, and results of {task} lack {', '.join(lacking)}; "
                "add what is missing, or set it to accuracy"
            )
        if (out_of_range := values.abs() > 1).any(axis=None):
            metric = str(out_of_range.any().idxmax())
            raise UserError(
                f"analyze.score is glue, and {metric} of {task} goes up to {values[metric].abs().max():g}: "
                "such metrics are fractions of 1, so divide them by 100"
            )
        scores[of_task] = 100 * np.asarray(values, dtype=float).mean(axis=1)
    return results.assign(score=scores)
