"""Means of results over tasks and seeds, a row for each model, and which of them no other beats."""

import pandas as pd


def model_means(results: pd.DataFrame, cost: str) -> pd.DataFrame:
    """Columns arch, recipe, subset, score, ``cost`` and n_tasks, in the order of the results.

    Score and cost are NaN for a model that lacks a task or seed, and the cost where a row does not know it.
    """
    complete = len(results[["task", "seed"]].drop_duplicates())
    found = results.groupby(["arch", "recipe"], sort=False).agg(
        subset=("subset", "first"),
        score=("score", "mean"),
        cost=(cost, lambda values: values.mean(skipna=False)),
        n_tasks=("task", "nunique"),
        rows=("score", "size"),
    )
    found.loc[found["rows"] < complete, ["score", "cost"]] = float("nan")
    return found.drop(columns="rows").rename(columns={"cost": cost}).reset_index()


def on_front(models: pd.DataFrame, cost: str) -> pd.Series:
    """Whether no model that costs as little scores as high; of models with equal scores and costs the first is."""
    ordered = models.sort_values([cost, "score"], ascending=[True, False], kind="stable")
    beaten = ordered["score"] <= ordered["score"].cummax().shift(fill_value=float("-inf"))
    return (~beaten & ordered["score"].notna() & ordered[cost].notna())[models.index]
