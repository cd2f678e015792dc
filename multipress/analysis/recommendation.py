"""Which model to take: the smallest whose score is near enough to that of another."""

from dataclasses import dataclass

import pandas as pd

from multipress.core.errors import UserError


@dataclass(frozen=True)
class Recommendation:
    """A model, its size in MB, its score and that of the model it is held to."""

    name: str
    size: float
    score: float
    reference: float
    packed: str
    """Path of its packed files below the results' folder; braces as in a shell where there are several, empty
    where the results know of none."""
    left_out: int
    """Models that were no candidates, for they lack a task, a seed or the size."""


def recommend(results: pd.DataFrame, of: str, within: float, size: str, task: str | None) -> Recommendation:
    """The smallest model that loses at most ``within`` points against the model ``of`` (``arch/recipe``).

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
        raise UserError(f"no model with {size} is within {within:g} points of {of} ({reference:.2f}); allow more")
    best = fit.sort_values(["size", "score"], ascending=[True, False], kind="stable").iloc[0]
    candidates = means["complete"] & means["size"].notna()
    return Recommendation(
        name=str(best.name),
        size=float(best["size"]),
        score=float(best["score"]),
        reference=reference,
        packed=_packed(rows, str(best.name)),
        left_out=int((~candidates).sum()),
    )


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


def _packed(rows: pd.DataFrame, name: str) -> str:
    arch, _, recipe = name.rpartition("/")
    models = rows[(rows["arch"] == arch) & (rows["recipe"] == recipe)]
    if "packed_mb" not in models or models["packed_mb"].isna().any():
        return ""
    tasks, seeds = models["task"].unique().tolist(), sorted(models["seed"].unique().tolist())
    if len(tasks) * len(seeds) > len(models):
        return f"packed/*/{arch}/seed*/{recipe}.safetensors"
    return f"packed/{_braced(tasks)}/{arch}/seed{_braced(seeds)}/{recipe}.safetensors"


def _braced(values: list[object]) -> str:
    return str(values[0]) if len(values) == 1 else f"{{{','.join(map(str, values))}}}"
