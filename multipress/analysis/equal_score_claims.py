"""The paper's claims held to the distances of curves: at equal score, and beyond what additive losses make of it.

That one method gives more than another is asked of the quotient of their distances on each task. That combinations
diminish is asked twice: of sizes (``verdict`` of interaction_curve.csv) and of interactions (``beyond_additivity``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from multipress.analysis import verdicts
from multipress.analysis.curve_verdicts import undecided, with_verdicts
from multipress.analysis.grid import Grid
from multipress.analysis.interaction_curve import geometric_mean, interaction_curve, of_tasks
from multipress.analysis.methods import combinations
from multipress.analysis.paper import PAPER_METHODS
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.verdicts import POOLED

HALF = 0.5
"""``rarely``: in fewer than half of the combinations."""


@dataclass(frozen=True)
class Answer:
    """What the curves say of a claim: a number with its interval and verdict, and what is beyond additivity."""

    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    verdict: str = verdicts.CAN_NOT_TELL
    beyond: float = float("nan")
    beyond_additivity: str = ""
    """Empty where the claim is about no combination."""
    note: str = ""


@dataclass(frozen=True)
class Distances:
    """The distances of the curves of some results, over all the scores that each comparison has in common."""

    grid: Grid
    settings: AnalyzeSettings

    @cached_property
    def _per_task(self) -> pd.DataFrame:
        return of_tasks({"paper_mb": self.grid}, self.settings.confidence)

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """The rows of ``interaction_curve`` that pool all scores, by method."""
        table = interaction_curve(self._per_task, {"paper_mb": self.grid}, self.settings.confidence)
        judged = with_verdicts(table, self._per_task, self.settings)
        return judged[judged["range"] == POOLED].set_index("method")

    def times_smaller(self, method: str) -> np.ndarray:
        """By task; NaN where it is open or no model is of the method."""
        rows = self._per_task[(self._per_task["range"] == POOLED) & (self._per_task["method"] == method)]
        return rows["times_smaller"].to_numpy() if len(rows) else np.full(len(self.grid.tasks), np.nan)

    def note(self, method: str) -> str:
        """Why a method is open or has no verdict."""
        return str(self.pooled["note"].get(method, f"no model of {method}"))


def more(first: str, second: str) -> Callable[[Distances], Answer]:
    """Whether one method makes models smaller than another."""

    def answer(found: Distances) -> Answer:
        quotients = found.times_smaller(first) / found.times_smaller(second)
        value, low, high = geometric_mean(quotients, found.settings.confidence)
        open_one = next((found.note(name) for name in (first, second) if np.isnan(found.times_smaller(name)).any()), "")
        reason = open_one or undecided(quotients)
        said = verdicts.CAN_NOT_TELL if reason else verdicts.exceeds(low, high, 1.0)
        return Answer(value, low, high, said, note=reason)

    return answer


def order(*methods: str) -> Callable[[Distances], Answer]:
    """Whether each method makes models smaller than the next: supported if all steps are, not if any is not."""
    steps = [more(*pair) for pair in pairwise(methods)]

    def answer(found: Distances) -> Answer:
        answers = [step(found) for step in steps]
        said = {each.verdict for each in answers}
        verdict = next((word for word in (verdicts.NOT_SUPPORTED, verdicts.CAN_NOT_TELL) if word in said), None)
        least = min(answers, key=lambda each: (not np.isnan(each.value), each.value))
        note = next((each.note for each in answers if each.note), "")
        return Answer(least.value, least.low, least.high, verdict or verdicts.SUPPORTED, note=note)

    return answer


def interaction(name: str, diminishes: bool) -> Callable[[Distances], Answer]:
    """Whether a combination gives diminishing returns, or (``diminishes`` false) none."""

    def answer(found: Distances) -> Answer:
        if name not in found.pooled.index:
            open_word = verdicts.CAN_NOT_TELL
            return Answer(verdict=open_word, beyond_additivity=open_word, note=found.note(name))
        row = found.pooled.loc[name]
        said = [verdicts.diminishes_beyond(row[column]) for column in ("verdict", "beyond_additivity")]
        words = said if diminishes else [verdicts.opposite(word) for word in said]
        return Answer(row["ratio"], row["ratio_low"], row["ratio_high"], words[0], row["beyond"], words[1], row["note"])

    return answer


def rarely_diminishes(found: Distances) -> Answer:
    """Whether fewer than half of the paper's combinations diminish: the share whose ratio is below the margin."""
    names = combinations(PAPER_METHODS)
    margin = 1 / (1 + found.settings.equivalence)
    ratios, beyond = (found.pooled[column].reindex(names).to_numpy(float) for column in ("ratio", "beyond"))
    said = [
        {name: str(found.pooled[column].get(name, "")) for name in names} for column in ("verdict", "beyond_additivity")
    ]
    words = [few_diminish(each) for each in said]
    # A combination that is not open may have a note, too.
    is_open = [name for name in names if any(_is_open(each[name]) for each in said)]
    note = next((found.note(name) for name in is_open if found.note(name)), "")
    return Answer(
        value=_share_below(ratios, margin),
        verdict=words[0],
        beyond=_share_below(beyond, margin),
        beyond_additivity=words[1],
        note=note if verdicts.CAN_NOT_TELL in words else "",
    )


def few_diminish(found: Mapping[str, str]) -> str:
    """Whether fewer than half of the combinations diminish, whatever those do that can't be told."""
    said = [verdicts.diminishes_beyond(word) for word in found.values()]
    least = said.count(verdicts.SUPPORTED) / len(said)
    most = least + said.count(verdicts.CAN_NOT_TELL) / len(said)
    if least >= HALF:
        return verdicts.NOT_SUPPORTED
    return verdicts.SUPPORTED if most < HALF else verdicts.CAN_NOT_TELL


def _is_open(verdict: str) -> bool:
    return verdicts.diminishes_beyond(verdict) == verdicts.CAN_NOT_TELL


def _share_below(ratios: np.ndarray, least: float) -> float:
    return float("nan") if np.isnan(ratios).any() else float((ratios < least).mean())
