"""What a model loses against another at most, as far as dev sets and seeds can tell.

The two may be of different architectures, and the loss is a mean over tasks, which are taken as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isclose, sqrt
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

from multipress.analysis.predictions.paired import Answers, Difference, Resampling, answers, difference, mean_over_tasks
from multipress.analysis.predictions.stored import read_cell, runs_of
from multipress.analysis.predictions.weighted_scores import Score
from multipress.analysis.ratios import ROUNDING
from multipress.analysis.recommendation import Recommendation
from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.core.words import points

_AGREEING = 0.01
"""Points within which a table and predictions have the same scores."""

_NONE = Difference(value=0, rows=0, seeds=0, freedom=1)
"""Of a model from itself."""

_RESAMPLING = Resampling(draws=10_000, seed=0)


@dataclass(frozen=True)
class Loss:
    """What a model loses, in points, and how sure that is."""

    difference: Difference
    """Its score less the other's."""
    rows: Mapping[str, int]
    """Dev rows of each task."""
    n_seeds: int
    """The fewest of a task."""
    confidence: float

    @property
    def value(self) -> float:
        """As measured; below 0 it is a gain."""
        return -self.difference.value

    @property
    def at_most(self) -> float:
        """With this confidence."""
        return self._limit(self.difference.rows)

    @property
    def at_most_by_seeds(self) -> float:
        """What is left of that on dev sets without end."""
        return self._limit(0)

    def is_at(self, within: float) -> bool:
        """Whether as many points are lost as may be."""
        return isclose(self.value, within, rel_tol=0.0, abs_tol=ROUNDING)

    def times_more_rows(self, within: float) -> float | None:
        """How many times as many rows would bring the limit within so many points, the loss being as measured.

        None where no number would, for seeds alone leave too much doubt.
        """
        room = (within - self.value) / self._quantile
        left = room**2 - self.difference.seeds if room > 0 else 0
        return self.difference.rows / left if left > 0 else None

    def rows_for(self, within: float) -> dict[str, int] | None:
        """The same as rows of each task."""
        times = self.times_more_rows(within)
        return None if times is None else {task: ceil(times * rows) for task, rows in self.rows.items()}

    @property
    def _quantile(self) -> float:
        return float(stdtrit(self.difference.freedom, self.confidence))

    def _limit(self, rows: float) -> float:
        return self.value + self._quantile * sqrt(rows + self.difference.seeds)


class Evaluations:
    """The stored predictions of a folder of results, held to one model's."""

    def __init__(self, folder: Path, of: str, trials: Mapping[str, Sequence[int]]) -> None:
        """Read what models are held to.

        Args:
            folder: The folder of results.
            of: The model that others are held to, ``arch/recipe``.
            trials: The seeds of each task.

        Raises:
            UserError: its predictions are missing or damaged.
        """
        self._folder = folder / "evaluations"
        self._of = of
        self._trials = trials
        self._metrics = {task: self._metric(task) for task in trials}
        self._reference = {task: self._read(task, of) for task in trials}

    def loss(self, model: str, confidence: float) -> Loss:
        """What a model (``arch/recipe``) loses.

        Raises:
            UserError: its predictions are missing, damaged or of other rows.
        """
        rows = {task: len(labels) for task, (_, labels, _) in self._reference.items()}
        n_seeds = min(map(len, self._trials.values()))
        if model == self._of:
            return Loss(_NONE, rows, n_seeds, confidence)
        found = []
        for task, (score, labels, first) in self._reference.items():
            own, own_labels, second = self._read(task, model)
            if own != score or not np.array_equal(labels, own_labels):
                raise UserError(f"{model} has other rows of {task} than {self._of}; rerun the rule evaluate")
            found.append(difference(score, labels, first, second))
        return Loss(mean_over_tasks(found), rows, n_seeds, confidence)

    def _read(self, task: str, model: str) -> tuple[Score, np.ndarray, list[Answers]]:
        """What is scored, the gold labels, and a model's answers for each seed."""
        arch, _, recipe = model.rpartition("/")
        files = [self._file(task, arch, seed, "predictions.parquet") for seed in self._trials[task]]
        cell = read_cell(runs_of(files), [recipe])
        if recipe not in cell.models or len(cell.models[recipe]) < len(files):
            raise UserError(f"the predictions in {files[0].parents[1]} lack {recipe}; rerun the rule evaluate")
        score = Score(self._metrics[task], cell.n_labels)
        found = answers(score, cell.labels, cell.predictions(), _RESAMPLING)
        return score, cell.labels, [found[recipe, seed] for seed in self._trials[task]]

    def _metric(self, task: str) -> str:
        """The primary metric of a task, as an evaluation says."""
        file = self._file(task, self._of.rpartition("/")[0], self._trials[task][0], "metrics.json")
        try:
            return str(read_json(file)[0]["metric"])
        except (KeyError, IndexError, TypeError):
            raise UserError(f"{file} names no metric; delete it and rerun the rule evaluate") from None

    def _file(self, task: str, arch: str, seed: int, name: str) -> Path:
        return self._folder / task / arch / f"seed{seed}" / name


@dataclass(frozen=True)
class Choice:
    """The model that is chosen, and the smaller ones that are not sure enough."""

    model: Recommendation
    loss: Loss
    doubtful: list[tuple[Recommendation, Loss]]
    """The smallest first."""


def surest(candidates: Sequence[Recommendation], evaluations: Evaluations, within: float, confidence: float) -> Choice:
    """The smallest model that loses at most ``within`` points with this confidence.

    Args:
        candidates: Models that lose no more than that as measured, the smallest first.
        evaluations: Their predictions.
        within: Points.
        confidence: That of the limit of each model's loss for itself.

    Raises:
        UserError: predictions are missing, damaged, or not those of the table's scores; or no model is sure enough.
    """
    doubtful: list[tuple[Recommendation, Loss]] = []
    for model in candidates:
        loss = evaluations.loss(model.name, confidence)
        if abs(loss.value - (model.reference - model.score)) > _AGREEING:
            raise UserError(
                f"{model.name} loses {points(loss.value, 2)} by its predictions and "
                f"{model.reference - model.score:.2f} by the table; run the rule tabulate again"
            )
        if loss.at_most <= within:
            return Choice(model, loss, doubtful)
        doubtful.append((model, loss))
    raise UserError(f"no model is within {points(within)} with {confidence:.0%} confidence; allow more points")
