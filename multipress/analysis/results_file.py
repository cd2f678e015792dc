"""Read a table of results from anywhere: each row one model, checked before anything is computed from it."""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pandas as pd

from multipress.analysis.tables import BY_SIZE
from multipress.compression import recipes
from multipress.compression.subsets import is_post_training
from multipress.core import csv_tables
from multipress.core.csv_tables import Fault
from multipress.core.errors import UserError
from multipress.core.settings import RESERVED

KEYS = ["task", "arch", "recipe", "seed"]
REQUIRED = [*KEYS, "score", "paper_mb"]
OPTIONAL_SIZES = list(BY_SIZE)

_REMEDIES = {
    Fault.MISSING: "name a CSV file of results",
    Fault.UNREADABLE: "name a CSV file of results",
    Fault.RAGGED: "fix the header",
    Fault.MALFORMED: "write it again",
    Fault.INCOMPLETE: f"it needs {', '.join(REQUIRED)}",
}
"""What to do about a file that is no table of results."""


def read_results(path: Path) -> pd.DataFrame:
    """Columns ``REQUIRED`` and those of ``OPTIONAL_SIZES`` that are there; in the latter, empty cells are NaN.

    A recipe may name variants, which only its study knows, if a column ``subset`` says what it stands for. Scores may
    be negative (correlations), down to -100; sizes are in MB and above 0.

    Raises:
        UserError: the file is missing or no CSV table with rows, lacks a column, repeats a model, or has a cell that
            is no recipe, no seed or no number within its range; the line names the row as an editor counts it.
    """
    text = _read_text(path)
    table = pd.DataFrame({column: _names(path, text[column], column) for column in ("task", "arch", "recipe")})
    subsets = text["subset"] if "subset" in text else pd.Series("", index=text.index)
    for row, (recipe, subset) in enumerate(zip(table["recipe"], subsets, strict=True)):
        if not subset:
            _check_recipe(path, row, recipe)
    numbers = _numbers(path, text["seed"], "seed", _is_seed, "a whole number from 0")
    table["seed"] = numbers.astype(int)
    scores = _numbers(path, text["score"], "score", lambda score: score.abs() <= 100, "a number from -100 to 100")
    table["score"] = scores
    table["paper_mb"] = _sizes(path, text["paper_mb"], "paper_mb")
    for column in OPTIONAL_SIZES:
        if column in text:
            table[column] = _sizes(path, text[column].where(text[column] != ""), column)
    _check_repeated(path, table)
    return table


def select(table: pd.DataFrame, baselines: Collection[str], archs: Collection[str] | None = None) -> pd.DataFrame:
    """The designed experiment: without ``baselines`` and post-training quantization, of ``archs`` (None: of all).

    Raises:
        UserError: nothing is left, or an architecture is not there.
    """
    designed = table["recipe"].map(_is_designed).astype(bool) & ~table["recipe"].isin(baselines)
    if archs is not None:
        if absent := sorted(set(archs) - set(table["arch"])):
            present = ", ".join(dict.fromkeys(table["arch"]))
            raise UserError(f"the results have no architecture {', '.join(absent)}; they have {present}")
        designed &= table["arch"].isin(archs)
    if not designed.any():
        raise UserError("the results hold only baselines; add models of the designed experiment, such as ft and kd")
    return table[designed]


def _is_designed(recipe: str) -> bool:
    """Whether a designed experiment may have the recipe: it has no variants and no post-training quantization."""
    try:
        return not is_post_training(recipes.subset(recipe))
    except ValueError:
        return False


def _read_text(path: Path) -> pd.DataFrame:
    """Every cell as text, without blanks around it."""
    try:
        table = csv_tables.load(path, REQUIRED, dtype=str, encoding="utf-8-sig")
    except csv_tables.TableError as error:
        raise UserError(f"{path} {error.problem}; {_REMEDIES[error.fault]}") from None
    if table.empty:
        raise UserError(f"{path} has no rows; add one for each model")
    return table.fillna("").map(str.strip)


def _is_seed(numbers: pd.Series) -> pd.Series:
    return (numbers >= 0) & (numbers % 1 == 0) & (numbers < 2**53)  # beyond that, numbers read from text run together


def _names(path: Path, cells: pd.Series, column: str) -> pd.Series:
    if (cells == "").any():
        raise UserError(f"{path}, {_row(cells.index[cells == ''][0])}: {column} is empty; name one, or drop the row")
    if (reserved := cells.isin(RESERVED)).any():
        row = cells.index[reserved][0]
        raise UserError(f"{path}, {_row(row)}: {column} {cells[row]!r} means something else in tables; rename it")
    return cells


def _check_recipe(path: Path, row: int, recipe: str) -> None:
    try:
        recipes.parse(recipe)
    except ValueError as error:
        raise UserError(f"{path}, {_row(row)}: {error}; rename it, or drop the row") from None


def _sizes(path: Path, cells: pd.Series, column: str) -> pd.Series:
    return _numbers(path, cells, column, lambda sizes: sizes > 0, "a number of MB above 0")


def _numbers(
    path: Path, cells: pd.Series, column: str, allowed: Callable[[pd.Series], pd.Series], expected: str
) -> pd.Series:
    """Cells as numbers; a missing one (None or NaN, never an empty text) stays NaN."""
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    wrong = ~(allowed(numbers) & np.isfinite(numbers)) & cells.notna()
    if wrong.any():
        row = wrong.idxmax()
        raise UserError(f"{path}, {_row(row)}: {column} {cells[row]!r} must be {expected}; fix it, or drop the row")
    return numbers


def _check_repeated(path: Path, table: pd.DataFrame) -> None:
    repeated = table.duplicated(KEYS)
    if repeated.any():
        row = repeated.idxmax()
        task, arch, recipe, seed = table.loc[row, KEYS]
        raise UserError(f"{path}, {_row(row)} repeats task {task}, {arch}/{recipe}, seed {seed}; keep one of them")


def _row(index: object) -> str:
    """The line of a data row where no cell has line breaks; the header is line 1."""
    return f"line {int(str(index)) + 2}"
