"""Read the predictions that evaluations stored, those of one (task, arch) at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from multipress.core.errors import UserError

DEV = "dev"
"""The split that scores are of."""

_REMEDY = "delete it and rerun the rule evaluate"


class Run(NamedTuple):
    """The file of one (task, arch, seed), as the results' folder names it."""

    task: str
    arch: str
    seed: int
    file: Path


@dataclass(frozen=True)
class Rows:
    """A model's answers to the rows of a dev set."""

    labels: np.ndarray
    """Gold label ids or values, shape (rows,)."""
    predictions: np.ndarray
    """Predicted label ids or values, shape (rows,)."""
    logits: np.ndarray
    """Shape (rows, classes), or (rows, 1) of a regression."""


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
        return self._any.logits.shape[1]

    @property
    def is_classification(self) -> bool:
        """Whether rows have classes; otherwise numbers."""
        return self.n_labels > 1

    @property
    def labels(self) -> np.ndarray:
        """Gold labels of the dev set, shape (rows,): those of all models."""
        return self._any.labels

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

    Raises:
        UserError: a path has another form.
    """
    runs = []
    for file in files:
        *_, task, arch, folder, _ = ("", "", "", *file.parts)
        seed = folder.removeprefix("seed")
        if not (task and arch and folder.startswith("seed") and seed.isdecimal()):
            raise UserError(f"{file} does not lie in a folder task/arch/seed1, which says what it holds; move it there")
        runs.append(Run(task, arch, int(seed), file))
    return runs


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
    known: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for run in runs:
        for (recipe, split), table in _by_model(run.file, recipes).items():
            idx, rows = table["idx"].to_numpy(), _rows(table)
            first_idx, first_labels = known.setdefault(split, (idx, rows.labels))
            if not (np.array_equal(idx, first_idx) and np.array_equal(rows.labels, first_labels)):
                raise UserError(f"{run.file} holds other rows of {split} than {runs[0].file}; {_REMEDY}")
            models.setdefault(recipe, {}).setdefault(run.seed, {})[split] = rows
    return Cell(runs[0].task, runs[0].arch, models)


def _by_model(file: Path, recipes: Collection[str] | None) -> dict[tuple[str, str], pa.Table]:
    """The rows of each recipe and split of a file, in the order in which they lie there."""
    columns = ["recipe", "split", "idx", "label", "prediction", "logits"]
    kept = None if recipes is None else [("recipe", "in", list(recipes))]
    try:
        table = pa.parquet.read_table(file, columns=columns, filters=kept, partitioning=None)
    except FileNotFoundError:
        raise UserError(f"{file} is missing; rerun the rule evaluate") from None
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{file} cannot be read as predictions ({reason}); {_REMEDY}") from None
    if absent := set(columns) - set(table.column_names):
        raise UserError(f"{file} has no column {', '.join(sorted(absent))}; {_REMEDY}")
    names = table.select(["recipe", "split"]).group_by(["recipe", "split"], use_threads=False).aggregate([])
    found = {}
    for model in names.to_pylist():
        recipe, split = model["recipe"], model["split"]
        is_own = pa.compute.and_(pa.compute.equal(table["recipe"], recipe), pa.compute.equal(table["split"], split))
        found[recipe, split] = table.filter(is_own)
    return found


def _rows(table: pa.Table) -> Rows:
    logits = pa.compute.list_flatten(table["logits"]).to_numpy().reshape(len(table), -1)
    return Rows(table["label"].to_numpy(), table["prediction"].to_numpy(), logits)
