"""What can be done in the time that is given: how many rows, which models.

All models with all rows, if there is time. If not, training rows are sampled, down to 10,000. If that is not enough,
models are left out: from the most promising on each is taken that still fits. If not even the first two fit, rows are
sampled further, down to 500; with less time than that takes, nothing is begun.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

from multipress.compression.planned_size import planned_size
from multipress.core.errors import UserError
from multipress.core.words import counted, duration
from multipress.model.shape import ArchitectureSpec
from multipress.shrink.candidates import REFERENCE, Candidate, Epochs, cost, teacher_cost, variants_of

FEW_ROWS, FEWEST_ROWS = 10_000, 500

FEWEST_MODELS = 2
"""The reference, and one that may be smaller."""

_USED = 0.85
"""Share of the time that is planned for: the rest is for what takes longer than measured."""

_ONCE = 60.0
"""Seconds of what is done once: rows, tokens, tables, figures, the report."""

_EACH = 8.0
"""Seconds of each model: starting its jobs, evaluating a few rows."""

_MB_A_SECOND = 10.0
"""Of writing, packing and reading a model."""

_FORWARD = 0.35
"""What answering a row costs against training on it, twice over: as a checkpoint, and exported."""


@dataclass(frozen=True)
class Workload:
    """What time depends on."""

    shape: ArchitectureSpec
    vocabulary: int
    train_rows: int
    dev_rows: int
    epochs: Epochs
    rows_per_second: float
    """Of a training step of the encoder."""

    def seconds(self, chosen: Sequence[Candidate], rows: int) -> dict[str, float]:
        """Seconds of each recipe that is made for these, those on the way to them too, on so many training rows."""
        variants = variants_of(chosen)
        made = {recipe for each in chosen for recipe in accumulate(each.recipe.split("-"), "{}-{}".format)}
        fixed = 2 * _FORWARD * self.dev_rows / self.rows_per_second + _EACH + self._megabytes / _MB_A_SECOND
        found = {
            recipe: cost(recipe, self.shape, self.epochs, variants) * rows / self.rows_per_second
            for recipe in sorted(made, key=len)
        }
        found["ft"] += teacher_cost(chosen) * rows / self.rows_per_second
        kept = {each.recipe for each in chosen}
        return {recipe: seconds + (fixed if recipe in kept else 0.0) for recipe, seconds in found.items()}

    def total(self, chosen: Sequence[Candidate], rows: int) -> float:
        """Seconds of the whole study."""
        return _ONCE + sum(self.seconds(chosen, rows).values())

    @property
    def _megabytes(self) -> float:
        return 4 * planned_size(self.shape, self.vocabulary).parameters / 1e6


@dataclass(frozen=True)
class Plan:
    """What is done."""

    chosen: list[Candidate]
    left_out: list[Candidate]
    rows: int
    """Training rows."""
    seconds: dict[str, float]
    """By recipe."""
    total: float
    """Seconds of all."""

    def describe(self, workload: Workload) -> list[str]:
        """What is planned and what is not, in lines."""
        models = f"{counted(len(self.chosen), 'model')} ({', '.join(each.recipe for each in self.chosen)})"
        speed = f"{workload.rows_per_second:,.0f} rows/s in training"
        first = duration(self.seconds[REFERENCE])
        lines = [f"measured {speed}; planned {models}, about {duration(self.total)}, the first of them {first}"]
        if self.rows < workload.train_rows:
            lines.append(f"of {workload.train_rows:,} training rows a sample of {self.rows:,}, for want of time")
        if self.left_out:
            lines.append(f"left out for want of time: {', '.join(each.recipe for each in self.left_out)}")
        return lines


def plan(found: Sequence[Candidate], workload: Workload, hours: float) -> Plan:
    """What of the models, the most promising first, fits into the hours.

    Raises:
        UserError: not even the first ones fit with few rows.
    """
    budget, rows = hours * 3600 * _USED, workload.train_rows
    for chosen, fewest in ((list(found), min(rows, FEW_ROWS)), (list(found[:FEWEST_MODELS]), min(rows, FEWEST_ROWS))):
        fitting = _fitting_rows(chosen, workload, budget)
        if fitting >= fewest:
            return _made(chosen, found, workload, min(rows, fitting))
        taken = _greedy(found, workload, budget, fewest)
        if len(taken) >= FEWEST_MODELS:
            return _made(taken, found, workload, fewest)
    least = min(rows, FEWEST_ROWS)
    needed = workload.total(found[:FEWEST_MODELS], least) / _USED
    speed = f"{workload.rows_per_second:,.1f} rows/s"
    raise UserError(
        f"--hours {hours:g} is too little: two models on {least:,} rows take about {duration(needed)} here "
        f"({speed}); give --hours {_with_reserve(needed):g} or more, or a smaller encoder"
    )


def _with_reserve(seconds: float) -> float:
    """Hours in which it fits even where the next measurement finds the machine busier."""
    return ceil(1.5 * seconds / 36) / 100


def _fitting_rows(chosen: Sequence[Candidate], workload: Workload, budget: float) -> int:
    """Training rows with which these models take the budget; below 0 where none do."""
    fixed = workload.total(chosen, 0)
    each = (workload.total(chosen, FEW_ROWS) - fixed) / FEW_ROWS
    return int((budget - fixed) / each)


def _greedy(found: Sequence[Candidate], workload: Workload, budget: float, rows: int) -> list[Candidate]:
    taken: list[Candidate] = []
    for candidate in found:
        if workload.total([*taken, candidate], rows) <= budget:
            taken.append(candidate)
        elif not taken:
            return []  # nothing goes without the reference
    return taken


def _made(chosen: list[Candidate], found: Sequence[Candidate], workload: Workload, rows: int) -> Plan:
    left_out = [candidate for candidate in found if candidate not in chosen]
    return Plan(chosen, left_out, rows, workload.seconds(chosen, rows), workload.total(chosen, rows))
