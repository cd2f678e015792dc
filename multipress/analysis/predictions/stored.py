"""Read the predictions that evaluations stored, or a publication kept of them, those of one (task, arch) at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from multipress.analysis.predictions.calibration import Calibration, calibration
from multipress.core.errors import UserError

DEV = "dev"
"""The split that scores are of."""

PUBLISHED = "predictions"
"""Name of the folder in which a publication has a file for each task."""

_REMEDY = "delete it and rerun the rule evaluate"
_REMEDY_PUBLISHED = "restore it or publish the run again"
_COLUMNS = ["recipe", "split", "idx", "label", "prediction"]
_OF_MODEL = ["n_labels", "ece", "brier"]
"""What a publication keeps of the logits: the same in all rows of a model and split."""


class Run(NamedTuple):
    """Where the predictions of one (task, arch, seed) are."""

    task: str
    arch: str
    seed: int
    file: Path
    is_alone: bool = True
    """Whether they have a file of their own, as in the folder of results; a published one holds all of a task."""


@dataclass(frozen=True)
class Rows:
    """A model's answers to the rows of a dev set."""

    idx: np.ndarray
    """Numbers of the rows in the source, shape (rows,)."""
    labels: np.ndarray
    """Gold label ids or values, shape (rows,)."""
    predictions: np.ndarray
    """Predicted label ids or values, shape (rows,)."""
    n_labels: int
    """Number of labels; 1 of a regression."""
    calibration: Calibration | None
    """How far the probabilities are right; None of a regression."""


@dataclass(frozen=True)
class Cell:
    """All models of one (task, arch)."""

    task: str
    arch: str
    models: dict[str, dict[int, dict[str, Rows]]]
    """By recipe, seed and dev set."""

    @property
    def n_labels(self) -> int:
        """Number of labels; 1 of a regression."""
        return self._any.n_labels

    @property
    def is_classification(self) -> bool:
        """Whether rows have classes; otherwise numbers."""
        return self.n_labels > 1

    @property
    def labels(self) -> np.ndarray:
        """Gold labels of the dev set, shape (rows,): those of all models."""
        return self._any.labels

    @property
    def idx(self) -> np.ndarray:
        """Numbers of the dev set's rows in the source, shape (rows,): those of all models."""
        return self._any.idx

    @property
    def _any(self) -> Rows:
        return next(iter(next(iter(self.models.values())).values()))[DEV]

    def seeds(self, *recipes: str) -> list[int]:
        """The seeds that all of these recipes have."""
        return sorted(set.intersection(*(set(self.models[recipe]) for recipe in recipes)))

    def predictions(self) -> dict[tuple[str, int], np.ndarray]:
        """What each model predicts for the dev set, shape (rows,), by recipe and seed."""
        return {
            (recipe, seed): of_splits[DEV].predictions
            for recipe, of_seeds in self.models.items()
            for seed, of_splits in of_seeds.items()
        }

    def stacked(self, recipe: str, seeds: Sequence[int]) -> np.ndarray:
        """What a recipe's models predict for the dev set, shape (seeds, rows)."""
        return np.stack([self.models[recipe][seed][DEV].predictions for seed in seeds])


def runs_of(files: Sequence[Path]) -> list[Run]:
    """What each file holds, by its path: ``…/{task}/{arch}/seed{seed}/predictions.parquet``.

    A published one, ``…/predictions/{task}.parquet``, holds all of its task, in its own order.

    Raises:
        UserError: a path has another form, or a published file is missing or damaged.
    """
    runs = []
    for file in files:
        *_, task, arch, folder, _ = ("", "", "", *file.parts)
        seed = folder.removeprefix("seed")
        if folder == PUBLISHED:
            runs += _runs_in(file)
        elif task and arch and folder.startswith("seed") and seed.isdecimal():
            runs.append(Run(task, arch, int(seed), file))
        else:
            raise UserError(f"{file} does not lie in a folder task/arch/seed1, which says what it holds; move it there")
    return runs


def _runs_in(file: Path) -> list[Run]:
    table = _read(file, ["arch", "seed"])
    models = table.group_by(["arch", "seed"], use_threads=False).aggregate([]).to_pylist()
    return [Run(file.stem, model["arch"], model["seed"], file, is_alone=False) for model in models]


def cells(runs: Sequence[Run]) -> Iterator[Cell]:
    """The models of each (task, arch), in the order of the runs; one cell at a time is in memory.

    Raises:
        UserError: a file is missing or damaged, or its rows are not those of the others of its cell.
    """
    for task, arch in dict.fromkeys((run.task, run.arch) for run in runs):
        yield read_cell([run for run in runs if (run.task, run.arch) == (task, arch)])


def read_cell(runs: Sequence[Run], recipes: Collection[str] | None = None) -> Cell:
    """The models of runs of one (task, arch), or those of some recipes.

    Raises:
        UserError: a file is missing or damaged, or its rows are not those of the others.
    """
    models: dict[str, dict[int, dict[str, Rows]]] = {}
    known: dict[str, Rows] = {}
    for run in runs:
        for (recipe, split), table in _by_model(run, recipes).items():
            rows = _rows(table, run.is_alone)
            first = known.setdefault(split, rows)
            if not (np.array_equal(rows.idx, first.idx) and np.array_equal(rows.labels, first.labels)):
                raise UserError(f"{run.file} holds other rows of {split} than {runs[0].file}; {_REMEDY}")
            models.setdefault(recipe, {}).setdefault(run.seed, {})[split] = rows
    return Cell(runs[0].task, runs[0].arch, models)


def _by_model(run: Run, recipes: Collection[str] | None) -> dict[tuple[str, str], pa.Table]:
    """The rows of each recipe and split of a run, in the order in which they lie in its file."""
    kept: list[tuple[str, str, Any]] = [] if recipes is None else [("recipe", "in", list(recipes))]
    kept += [] if run.is_alone else [("arch", "=", run.arch), ("seed", "=", run.seed)]
    table = _read(run.file, [*_COLUMNS, *(["logits"] if run.is_alone else _OF_MODEL)], kept)
    names = table.select(["recipe", "split"]).group_by(["recipe", "split"], use_threads=False).aggregate([])
    found = {}
    for model in names.to_pylist():
        recipe, split = model["recipe"], model["split"]
        is_own = pa.compute.and_(pa.compute.equal(table["recipe"], recipe), pa.compute.equal(table["split"], split))
        found[recipe, split] = table.filter(is_own)
    return found


def _read(file: Path, columns: list[str], kept: list[tuple[str, str, Any]] | None = None) -> pa.Table:
    """Columns of a file, of all rows or of those that filters keep."""
    remedy = _REMEDY_PUBLISHED if file.parent.name == PUBLISHED else _REMEDY
    try:
        table = pa.parquet.read_table(file, columns=columns, filters=kept or None, partitioning=None)
    except FileNotFoundError:
        raise UserError(f"{file} is missing; {remedy.removeprefix('delete it and ')}") from None
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{file} cannot be read as predictions ({reason}); {remedy}") from None
    if absent := set(columns) - set(table.column_names):
        raise UserError(f"{file} has no column {', '.join(sorted(absent))}; {remedy}")
    return table


def _rows(table: pa.Table, with_logits: bool) -> Rows:
    # Counted in float64, whatever narrower type says the same.
    labels, predictions = (table[name].to_numpy().astype(np.float64) for name in ("label", "prediction"))
    if with_logits:
        logits = pa.compute.list_flatten(table["logits"]).to_numpy().reshape(len(table), -1)
        n_labels = logits.shape[1]
        found = calibration(logits, labels) if n_labels > 1 else None
    else:
        n_labels, ece, brier = (table[name][0].as_py() for name in _OF_MODEL)
        found = Calibration(ece, brier) if n_labels > 1 else None
    return Rows(table["idx"].to_numpy(), labels, predictions, n_labels, found)
