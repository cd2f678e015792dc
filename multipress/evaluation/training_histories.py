"""Histories of trainings, read back: a table of all their rows."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.api.types import is_numeric_dtype

from multipress.compression import recipes
from multipress.compression.registry import methods
from multipress.core.errors import UserError
from multipress.evaluation.results_table import read_table

STAGES = [name for name, method in methods().items() if method.trains]
"""Stages that train, in the order of a recipe's steps: each is a method."""

MEASURES = ["loss", "dev_score"]
"""Columns that show how a training goes; dev scores are in the rows that end an epoch."""

_COLUMNS = ["step", "epoch", *MEASURES]


def read_histories(files: Sequence[Path]) -> pd.DataFrame:
    """Rows of all histories; their paths, ``{task}/{arch}/seed{seed}/{recipe}.csv``, give four more columns.

    Raises:
        UserError: a file is missing, is no history, or has no such path.
    """
    return pd.concat([_read(file) for file in files], ignore_index=True)


def stage_of(recipe: str) -> str:
    """The stage that makes the recipe of its parent; its last step must be a training."""
    return recipes.steps(recipe)[-1].method.name


def _read(file: Path) -> pd.DataFrame:
    task, arch, seed = file.parts[-4:-1] if len(file.parts) > 3 else ("", "", "")
    if not seed.startswith("seed") or not _is_trained(file.stem):
        raise UserError(f"{file} is no history: expected …/task/arch/seed1/recipe.csv")
    rows = read_table(file, _COLUMNS, maker="the training that writes it")
    if rows.empty or not all(is_numeric_dtype(rows[column]) for column in _COLUMNS):
        raise UserError(f"{file} holds no rows of numbers; rerun the training that writes it")
    return rows.assign(task=task, arch=arch, seed=seed, recipe=file.stem)


def _is_trained(name: str) -> bool:
    """Whether the name is a recipe whose last step is a training."""
    try:
        return recipes.steps(name)[-1].method.trains
    except ValueError:
        return False
