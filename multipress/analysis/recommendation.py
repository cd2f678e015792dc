"""Which model to take: the smallest, or fastest, whose score is near enough to that of another."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from multipress.core.errors import UserError
from multipress.core.words import points


class PackedFile(NamedTuple):
    """One model's packed file."""

    task: str
    arch: str
    seed: int
    recipe: str

    def __str__(self) -> str:
        """Its path in the folder of results."""
        return f"packed/{self.task}/{self.arch}/seed{self.seed}/{self.recipe}.safetensors"


@dataclass(frozen=True)
class Recommendation:
    """A model, its size in MB or milliseconds, its score and that of the model it is held to."""

    name: str
    size: float
    score: float
    reference: float
    packed: list[PackedFile]
    """One for each task and seed; none where the results know of none."""
    left_out: int
    """Models that were no candidates, for they lack a task, a seed or the size."""


def recommend(results: pd.DataFrame, of: str, within: float, size: str, task: str | None) -> list[Recommendation]:
    """The models that lose at most ``within`` points against the model ``of`` (``arch/recipe``), the smallest first.

    ``size`` names a column of sizes, or ``LATENCY``.

    Scores and sizes are means over seeds, and over all tasks unless one is named. Models that lack a task or a seed
    are no candidates, for their mean would be over other tasks. Of equally small ones, the better.

    Raises:
        UserError: a name or the size is not in the results, ``of`` lacks a task, or no model qualifies.
    """
    rows = _of_task(results, task)
    if size not in rows:
        raise UserError(f"the results have no column {size}; choose one that they have, such as paper_mb")
    means = _means(rows.assign(name=rows["arch"] + "/" + rows["recipe"]), size)
    reference = _reference(means, of)
    fit = means[means["complete"] & (means["score"] >= reference - within - 1e-9) & means["size"].notna()]
    if fit.empty:
        raise UserError(f"no model with {size} is within {points(within)} of {of} ({reference:.2f}); allow more")
    candidates = means["complete"] & means["size"].notna()
    return [
        Recommendation(
            name=str(name),
            size=float(model["size"]),
            score=float(model["score"]),
            reference=reference,
            packed=_packed(rows, str(name)),
            left_out=int((~candidates).sum()),
        )
        for name, model in fit.sort_values(["size", "score"], ascending=[True, False], kind="stable").iterrows()
    ]


LATENCY = "latency_ms"
"""A column like a size: milliseconds of a call."""


def with_latencies(results: pd.DataFrame, latencies: pd.DataFrame) -> pd.DataFrame:
    """The results with what a call of each architecture's recipe takes, ``latency_ms``; NaN where it was not measured.

    It is the mean of the 10th percentiles over all tasks and seeds in ``latencies``, which are rows of one runtime,
    batch and length: it depends on neither but for noise, so that one that was measured stands for the others.
    """
    means = latencies.groupby(["arch", "recipe"])["p10_ms"].mean().rename(LATENCY)
    return results.drop(columns=LATENCY, errors="ignore").join(means, on=["arch", "recipe"])


def trials(results: pd.DataFrame, task: str | None) -> dict[str, list[int]]:
    """The seeds of each task that models are judged by."""
    of_tasks = _of_task(results, task).groupby("task", sort=False)["seed"]
    return {str(name): sorted(map(int, seeds.unique())) for name, seeds in of_tasks}


def _of_task(results: pd.DataFrame, task: str | None) -> pd.DataFrame:
    tasks = list(results["task"].unique())
    if task is not None and task not in tasks:
        raise UserError(f"the results have no task {task}; they have {', '.join(tasks)}")
    return results if task is None else results[results["task"] == task]


def _means(rows: pd.DataFrame, size: str) -> pd.DataFrame:
    """Score, size (NaN where any is missing) and whether all tasks and their seeds are there, for each model's name."""
    trials = len(rows[["task", "seed"]].drop_duplicates())
    of_tasks = rows.groupby(["name", "task"]).agg(
        score=("score", "mean"), size=(size, lambda values: values.mean(skipna=False)), trials=("seed", "size")
    )
    means = of_tasks.groupby("name").agg(
        score=("score", "mean"), size=("size", lambda values: values.mean(skipna=False)), trials=("trials", "sum")
    )
    return means.assign(complete=means["trials"] == trials)


def _reference(means: pd.DataFrame, of: str) -> float:
    if of not in means.index:
        raise UserError(f"the results have no model {of}; name one as arch/recipe, such as {means.index[0]}")
    if not means.loc[of, "complete"]:
        raise UserError(f"{of} lacks tasks or seeds that other models have; finish it, or name one with --task")
    return float(means["score"][of])


def _packed(rows: pd.DataFrame, name: str) -> list[PackedFile]:
    arch, _, recipe = name.rpartition("/")
    models = rows[(rows["arch"] == arch) & (rows["recipe"] == recipe)].sort_values("seed", kind="stable")
    if "packed_mb" not in models or models["packed_mb"].isna().any():
        return []
    tasks = models["task"].unique()
    return [PackedFile(task, arch, seed, recipe) for task in tasks for seed in models["seed"][models["task"] == task]]


def for_shell(folder: Path, files: Sequence[PackedFile]) -> list[str]:
    """Paths of a model's files: one as it is, several as words with braces, from which a shell makes them all.

    Args:
        folder: The folder of results.
        files: Files of one model; tasks with the same seeds share a word.
    """
    if len(files) == 1:
        return [str(folder / str(files[0]))]
    seeds: dict[str, list[int]] = {}
    for file in files:
        seeds.setdefault(file.task, []).append(file.seed)
    words = []
    for of_tasks in dict.fromkeys(map(tuple, seeds.values())):
        tasks = [shlex.quote(task) for task, own in seeds.items() if tuple(own) == of_tasks]
        arch, recipe = shlex.quote(files[0].arch), files[0].recipe
        inner = f"packed/{_braced(tasks)}/{arch}/seed{_braced(of_tasks)}/{recipe}.safetensors"
        words.append(inner if folder == Path() else f"{shlex.quote(str(folder))}/{inner}")
    return words


def _braced(values: Sequence[object]) -> str:
    return str(values[0]) if len(values) == 1 else f"{{{','.join(map(str, values))}}}"
