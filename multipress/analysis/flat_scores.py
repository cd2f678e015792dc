"""Scores that tell no model from another: no evidence that compressions cost nothing."""

from typing import NamedTuple

import pandas as pd

PERFECT = 100.0
"""The score where every answer is right."""

UNDEFINED = 0.0
"""What an undefined correlation counts as: that of a model which answers every row alike."""


class Flat(NamedTuple):
    """Several models with one and the same score."""

    task: str
    arch: str
    """Their architecture; empty where they are all of the task's models."""
    score: float

    def __str__(self) -> str:
        """In words."""
        return f"all models of {self.arch or 'task'} {'at ' * bool(self.arch)}{self.task} have the score {self.score:g}"


def flat_scores(results: pd.DataFrame) -> list[Flat]:
    """Tasks on which all models have one score, short of perfect, and architectures that score 0 throughout a task.

    Models that answer every row alike have one score, whatever was done to them. An architecture that is as good after
    each compression as before may be so for a better reason, unless it scores 0. A missing score (NaN) does not count.
    """
    found = []
    for task, of_task in results.dropna(subset="score").groupby("task"):
        if (score := _only_score(of_task)) not in (None, PERFECT):
            found.append(Flat(str(task), "", score))
            continue
        scores = {arch: _only_score(of_arch) for arch, of_arch in of_task.groupby("arch")}
        found += [Flat(str(task), str(arch), UNDEFINED) for arch, score in scores.items() if score == UNDEFINED]
    return found


def _only_score(rows: pd.DataFrame) -> float | None:
    """The score that several models share; None where they do not, or there is but one."""
    several = len(rows[["arch", "recipe"]].drop_duplicates()) > 1
    return float(rows["score"].iloc[0]) if several and rows["score"].nunique() == 1 else None
