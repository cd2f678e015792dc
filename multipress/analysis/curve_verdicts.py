"""What curves at equal score say: do sizes multiply, and do methods interact?

Whether sizes multiply is asked of the ratio over the product: is it 1? Whether methods interact is asked of the same
ratio over the one that additive losses give on the same task (``expected_if_additive``): the two share most of the
noise, and how curves happen to bend. Both are geometric means over tasks with Student's intervals. All combinations
of one size and range are asked together, the first question by Bonferroni's intervals, the second by Holm's p-values.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from multipress.analysis import verdicts
from multipress.analysis.experiment import FEWEST_TASKS
from multipress.analysis.holm import holm
from multipress.analysis.interaction_curve import geometric_mean
from multipress.analysis.settings import AnalyzeSettings
from multipress.compression.subsets import parts

_KEYS = ["size", "range"]

_SAID = [
    *("verdict", "expected_if_additive", "beyond", "beyond_low", "beyond_high", "p", "p_holm", "beyond_additivity"),
    "note",
]
"""The columns that this module fills."""

_NONE = 1e-9
"""Logarithms that differ by less are equal."""


def with_verdicts(table: pd.DataFrame, per_task: pd.DataFrame, settings: AnalyzeSettings) -> pd.DataFrame:
    """The table of ``interaction_curve`` with its columns from ``verdict`` to ``beyond_additivity``.

    ``verdict`` says whether sizes multiply. ``beyond`` is the ratio over ``expected_if_additive``, with its interval;
    ``p`` its p-value, were it 1; ``beyond_additivity`` what follows. Rows of single methods have none of them. There is
    no verdict by fewer than ``FEWEST_TASKS`` tasks, or where all tasks agree. The note of a combination that counts as
    the product names its methods whose own gain the margin hides.

    Args:
        table: A row for each size, range and method.
        per_task: The same task by task, as ``of_tasks`` makes it.
        settings: For confidence and equivalence.
    """
    tasks = dict(list(per_task.groupby([*_KEYS, "method"], sort=False)))
    combined = table[np.array([len(parts(method)) > 1 for method in table["method"]], dtype=bool)]
    found: dict[Any, dict[str, Any]] = {}
    for _, family in combined.groupby(_KEYS, sort=False):
        of_rows = [tasks[tuple(key)] for key in family[[*_KEYS, "method"]].to_numpy()]
        found |= dict(zip(family.index, _judge(of_rows, settings), strict=True))
    judged, said = table.copy(), pd.DataFrame.from_dict(found, orient="index", columns=_SAID).reindex(table.index)
    judged[_SAID[:-1]] = said[_SAID[:-1]]
    words = ["verdict", "beyond_additivity"]
    judged[words] = judged[words].astype(object).fillna("")
    for note in (said["note"].fillna(""), _hidden(judged, settings.equivalence)):
        judged["note"] = judged["note"].where(judged["note"] != "", note)
    return judged


def _hidden(table: pd.DataFrame, equivalence: float) -> pd.Series:
    """By row of a combination that counts as the product, the methods that alone give no more than the margin.

    It would count as the product, too, if such a method added nothing.
    """
    gains = {tuple(row[:-1]): row[-1] for row in table[[*_KEYS, "method", "times_smaller"]].to_numpy()}
    notes, margin = pd.Series("", index=table.index, dtype=object), np.log1p(equivalence)
    for row in table[table["verdict"] == verdicts.PRODUCT].itertuples():
        alone = {name: gains.get((row.size, row.range, name), np.nan) for name in parts(row.method)}
        small = [f"{name} (alone {gain:.2f})" for name, gain in alone.items() if abs(np.log(gain)) <= margin]
        if small:
            said = " or ".join(small)
            notes[row.Index] = f"the margin of {equivalence:.0%} does not tell whether {said} adds anything"
    return notes


def _judge(of_rows: Sequence[pd.DataFrame], settings: AnalyzeSettings) -> list[dict[str, Any]]:
    """What is said of combinations that are asked together, each by its tasks."""
    adjusted = holm(np.array([p_value(_beyond(tasks)) for tasks in of_rows]))
    return [_said(tasks, settings, together=len(of_rows), p_holm=p) for tasks, p in zip(of_rows, adjusted, strict=True)]


def _said(tasks: pd.DataFrame, settings: AnalyzeSettings, together: int, p_holm: float) -> dict[str, Any]:
    level = 1 - settings.confidence
    ratios, beyond = tasks["ratio"].to_numpy(), _beyond(tasks)
    _, low, high = geometric_mean(ratios, 1 - level / together)
    value, beyond_low, beyond_high = geometric_mean(beyond, settings.confidence)
    reason = undecided(ratios, beyond)
    multiply = verdicts.ratio_verdict(low, high, settings.equivalence)
    interact = verdicts.against_additivity(beyond_low, beyond_high, settings.equivalence, p_holm, level)
    return {
        "verdict": verdicts.CAN_NOT_TELL if reason else multiply,
        "expected_if_additive": geometric_mean(tasks["expected_if_additive"].to_numpy(), settings.confidence)[0],
        **{"beyond": value, "beyond_low": beyond_low, "beyond_high": beyond_high},
        **{"p": p_value(beyond), "p_holm": p_holm},
        "beyond_additivity": verdicts.CAN_NOT_TELL if reason else interact,
        "note": reason,
    }


def _beyond(tasks: pd.DataFrame) -> np.ndarray:
    return (tasks["ratio"] / tasks["expected_if_additive"]).to_numpy()


def undecided(*ratios: np.ndarray) -> str:
    """Why ratios over tasks allow no verdict; empty if they may. Where any is NaN, their own notes say why."""
    count = len(ratios[0])
    if count < FEWEST_TASKS:
        return f"no verdict: {count} tasks are fewer than {FEWEST_TASKS}"
    if min(np.ptp(np.log(each)) for each in ratios) < _NONE:
        return f"no verdict: all {count} tasks agree"
    return ""


def p_value(ratios: np.ndarray) -> float:
    """Two-sided, by Student's test, of ratios over tasks were their geometric mean 1; NaN where that is not known."""
    logs, count = np.log(ratios), len(ratios)
    if count < 2 or np.isnan(logs).any() or np.ptp(logs) < _NONE:
        return float("nan")
    error = logs.std(ddof=1) / np.sqrt(count)
    return float(2 * stdtr(count - 1, -abs(logs.mean()) / error))
