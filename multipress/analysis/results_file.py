"""Read a table of results from anywhere: each row one model, checked before anything is computed from it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from multipress.analysis.glue_scores import METRICS
from multipress.analysis.tables import SIZES
from multipress.analysis.units import check_scores
from multipress.compression import recipes
from multipress.core import foreign_tables
from multipress.core.errors import UserError
from multipress.core.foreign_tables import ForeignTable
from multipress.core.settings import RESERVED

KEYS = ["task", "arch", "recipe", "seed"]
REQUIRED = [*KEYS, "score", "paper_mb"]
OPTIONAL_SIZES = [*SIZES[1:], "onnx_mb"]
"""Curves are compared by the first ones; a file's graph, which is in ``onnx_mb``, no method makes smaller."""

OF_MAJORITY = ["score_majority", "rows"]
"""The score of one answer to all rows, in points, and how many rows these are; read where both are there."""

TRAINED = ["steps"]
"""How long a model and those that it was made from were trained."""

_EXPLAINING = ["metric", "subset", "data", *METRICS, *TRAINED]
"""Further columns that are read where they are there."""


def read_results(path: Path, in_points: bool = False) -> pd.DataFrame:
    """Columns ``REQUIRED``, and of ``OPTIONAL_SIZES``, ``OF_MAJORITY``, data, ``METRICS`` and ``TRAINED`` those there.

    Empty cells of the optional numbers are NaN, and of the last two kinds all that are no number.

    A recipe may name variants, which only its study knows, if a column ``subset`` says what it stands for. Scores are
    points and may be negative (correlations), down to -100; sizes are in MB and above 0. The index counts rows from 0.

    Args:
        path: A file as ``foreign_tables`` reads it.
        in_points: Take scores for points also where they look like fractions.

    Raises:
        UserError: the file is missing or no table with rows, lacks a column or has it twice, repeats a model, has a
            cell that is no recipe, no seed or no number within its range, or scores that look like fractions of 1.
    """
    source = foreign_tables.read(path, REQUIRED, [*OPTIONAL_SIZES, *OF_MAJORITY, *_EXPLAINING])
    if source.text.empty:
        raise UserError(f"{path} has no rows; add one for each model")
    sizes = ["paper_mb", *(column for column in OPTIONAL_SIZES if column in source.text)]
    majority = OF_MAJORITY if set(OF_MAJORITY) <= set(source.text) else []
    text = foreign_tables.with_points(
        source, ["seed", "score", *sizes, *majority], below_1000=["score", "score_majority"]
    )
    table = pd.DataFrame({column: _names(source, column) for column in ("task", "arch", "recipe")})
    _check_recipes(source)
    table["seed"] = _numbers(source, text["seed"], _is_seed, "a whole number from 0").astype(int)
    table["score"] = _numbers(source, text["score"], _is_score, "a number from -100 to 100, without a unit")
    for column in sizes:
        cells = text[column] if column in REQUIRED else _known(text[column])
        table[column] = _numbers(source, cells, lambda each: each > 0, "a number of MB above 0, without a unit")
    if majority:
        score, rows = (_known(text[column]) for column in majority)
        table[score.name] = _numbers(source, score, _is_score, "a number from -100 to 100, without a unit")
        table[rows.name] = _numbers(source, rows, lambda each: each >= 1, "a number of rows from 1")
    if "data" in source.text:
        table["data"] = source.text["data"]
    for column in (*METRICS, *TRAINED):
        if column in source.text:
            table[column] = foreign_tables.to_numbers(source.text[column].str.replace(",", "."))
    _check_repeated(source, table)
    if not in_points:
        check_scores(source, table)
    return table.reset_index(drop=True)


def _known(cells: pd.Series) -> pd.Series:
    return cells.where(cells != "")


def _is_seed(numbers: pd.Series) -> pd.Series:
    return (numbers >= 0) & (numbers % 1 == 0) & (numbers < 2**53)  # beyond that, numbers read from text run together


def _is_score(numbers: pd.Series) -> pd.Series:
    return numbers.abs() <= 100


def _names(source: ForeignTable, column: str) -> pd.Series:
    cells = source.text[column]
    if (cells == "").any():
        raise source.error(cells.index[cells == ""][0], f"{column} is empty; name one, or drop the row")
    if (reserved := cells.isin(RESERVED)).any():
        line = cells.index[reserved][0]
        raise source.error(line, f"{column} {cells[line]!r} means something else in tables; rename it")
    return cells


def _check_recipes(source: ForeignTable) -> None:
    """Each recipe is one, or the study that knows its variants says what it stands for."""
    unexplained = source.text["recipe"]
    if "subset" in source.text:
        unexplained = unexplained[source.text["subset"] == ""]
    for line, recipe in unexplained.items():
        try:
            recipes.parse(recipe)
        except ValueError as error:
            raise source.error(line, f"{error}; rename it, or drop the row") from None


def _numbers(
    source: ForeignTable, cells: pd.Series, allowed: Callable[[pd.Series], pd.Series], expected: str
) -> pd.Series:
    """Cells as numbers; a missing one (None or NaN, never an empty text) stays NaN."""
    numbers = foreign_tables.to_numbers(cells)
    wrong = ~(allowed(numbers) & np.isfinite(numbers)) & cells.notna()
    if wrong.any():
        line, column = wrong.idxmax(), cells.name
        cell = source.text.loc[line, column]
        remedy = "fix it, or leave it empty" if column not in REQUIRED else "fix it, or drop the row"
        raise source.error(line, f"{column} {cell!r} must be {expected}; {remedy}")
    return numbers


def _check_repeated(source: ForeignTable, table: pd.DataFrame) -> None:
    repeated = table.duplicated(KEYS)
    if repeated.any():
        line = repeated.idxmax()
        model = table.loc[line, KEYS]
        first = (table[KEYS] == model).all(axis="columns").idxmax()
        task, arch, recipe, seed = model
        raise source.error(line, f"repeats task {task}, {arch}/{recipe}, seed {seed} of line {first}; keep one of them")
