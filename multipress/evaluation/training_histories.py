"""Histories of trainings, read back: a table of all their rows; and the file of them all that is published."""

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.api.types import is_numeric_dtype

from multipress.compression import recipes
from multipress.compression.registry import methods
from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.evaluation.results_table import read_table

STAGES = [name for name, method in methods().items() if method.trains]
"""Stages that train, in the order of a recipe's steps: each is a method."""

MEASURES = ["loss", "dev_score"]
"""Columns that show how a training goes; dev scores are in the rows that end an epoch."""

PUBLISHED = "histories.csv.gz"
"""Name of the file that holds many."""

_COLUMNS = ["step", "epoch", *MEASURES]
_TRAINING = ["task", "arch", "seed", "recipe"]


def read_histories(files: Sequence[Path]) -> pd.DataFrame:
    """Rows of all histories; their paths, ``{task}/{arch}/seed{seed}/{recipe}.csv``, give four more columns.

    The file that ``publish_histories`` makes has these columns itself.

    Raises:
        UserError: a file is missing, is no history, or has no such path.
    """
    return pd.concat([_read(file) for file in files], ignore_index=True)


def publish_histories(files: Sequence[Path], folder: Path) -> Path:
    """Write the columns that are read of histories into one file of a folder, each number in its own digits.

    Raises:
        UserError: a file is missing, is no history, or has no such path; or the file cannot be written.
    """
    read_histories(files)  # or tell which of them is none
    text = io.StringIO()
    table = csv.DictWriter(text, [*_TRAINING, *_COLUMNS], extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for file in files:
        with file.open(encoding="utf-8", newline="") as stream:
            training = dict(zip(_TRAINING, (*file.parts[-4:-1], file.stem), strict=True))
            table.writerows(training | row for row in csv.DictReader(stream))
    return _write(text.getvalue(), folder)


def pool_histories(files: Sequence[Path], folder: Path) -> Path:
    """Write the rows of several files that ``publish_histories`` made into one.

    Raises:
        UserError: a file is missing or holds no histories; or the file cannot be written.
    """
    read_histories(files)  # or tell which of them is none
    header, *lines = (line for file in files for line in gzip.decompress(file.read_bytes()).decode().splitlines())
    text = "\n".join([header, *(line for line in lines if line != header), ""])
    return _write(text, folder)


def _write(text: str, folder: Path) -> Path:
    with replacing(folder / PUBLISHED) as temporary:
        temporary.write_bytes(gzip.compress(text.encode(), mtime=0))
    return folder / PUBLISHED


def stage_of(recipe: str) -> str:
    """The stage that makes the recipe of its parent; its last step must be a training."""
    return recipes.steps(recipe)[-1].method.name


def _read(file: Path) -> pd.DataFrame:
    if file.name == PUBLISHED:
        return _read_numbers(file, [*_TRAINING, *_COLUMNS], maker="the command that published it")
    task, arch, seed = file.parts[-4:-1] if len(file.parts) > 3 else ("", "", "")
    if not seed.startswith("seed") or not _is_trained(file.stem):
        raise UserError(f"{file} is no history: expected …/task/arch/seed1/recipe.csv")
    rows = _read_numbers(file, _COLUMNS, maker="the training that writes it")
    return rows.assign(task=task, arch=arch, seed=seed, recipe=file.stem)


def _read_numbers(file: Path, columns: Sequence[str], maker: str) -> pd.DataFrame:
    rows = read_table(file, columns, maker)
    if rows.empty or not all(is_numeric_dtype(rows[column]) for column in _COLUMNS):
        raise UserError(f"{file} holds no rows of numbers; rerun {maker}")
    return rows


def _is_trained(name: str) -> bool:
    """Whether the name is a recipe whose last step is a training."""
    try:
        return recipes.steps(name)[-1].method.trains
    except ValueError:
        return False
