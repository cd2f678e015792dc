"""Which models a number of a table comes from."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from multipress.analysis import table_files
from multipress.analysis.tables import TABLE1, methods_of_table1
from multipress.core.errors import UserError
from multipress.evaluation.results_table import read_table

_MODEL = ["task", "arch", "recipe", "seed"]


class Model(NamedTuple):
    """A model of the study."""

    task: str
    arch: str
    seed: int
    recipe: str

    def __str__(self) -> str:
        """Its path in the folder of results."""
        return f"{self.task}/{self.arch}/seed{self.seed}/{self.recipe}"


class Number(NamedTuple):
    """A number of a table."""

    table: str
    row: str
    column: str
    value: str
    how: list[str]
    """How it was computed, in lines."""
    models: list[Model]
    """Models that it was computed from."""


def find(table: Path, row: str, column: str) -> Number:
    """The number in a row and column of results.csv, summary.csv, table1.csv or table1_per_task.csv.

    Args:
        table: The file; results.csv and table1_per_task.csv must lie beside it.
        row: ``task/arch/seed1/recipe`` of results.csv, ``arch/recipe`` of summary.csv, ``arch`` of table1.csv,
            ``arch/task/method`` of table1_per_task.csv.
        column: A column of the table.

    Raises:
        UserError: there is no such table, row or column.
    """
    known = {"results": _of_results, "summary": _of_summary, "table1": _of_table1, "table1_per_task": _of_per_task}
    if table.stem not in known or table.suffix != ".csv":
        raise UserError(f"{table} cannot be traced by rows: use {', '.join(f'{name}.csv' for name in known)} of a run")
    return known[table.stem](table, row, column)


def _of_results(table: Path, row: str, column: str) -> Number:
    rows = _results(table)
    cells = _chosen(rows, [str(model) for model in _models(rows)], row, table)
    of_predictions = column in ("score", "score_deployed")
    how = ["of the predictions on the dev set" if of_predictions else "of this model's evaluation"]
    return _number(table, row, column, cells, how, _models(cells))


def _of_summary(table: Path, row: str, column: str) -> Number:
    summary = read_table(table, ["arch", "recipe"])
    cells = _chosen(summary, list(summary["arch"] + "/" + summary["recipe"]), row, table)
    results = _results(table.with_name("results.csv"))
    of_row = results[(results["arch"] + "/" + results["recipe"]) == row]
    return _number(table, row, column, cells, ["mean over tasks and seeds of results.csv"], _models(of_row))


def _of_table1(table: Path, row: str, column: str) -> Number:
    ratios = table_files.read(table, TABLE1.columns)
    cells = _chosen(ratios, list(ratios["arch"]), row, table)
    parts = _per_task(table.with_name("table1_per_task.csv"))
    chosen = parts[
        (parts["arch"] == row) & (parts["method"] == column if column in methods_of_table1(ratios) else True)
    ]
    how = ["mean over tasks of table1_per_task.csv", *_format_ratios(chosen)]
    return _number(table, row, column, cells, how, _compared(chosen, _results(table.with_name("results.csv"))))


def _of_per_task(table: Path, row: str, column: str) -> Number:
    parts = _per_task(table)
    cells = _chosen(parts, list(parts["arch"] + "/" + parts["task"] + "/" + parts["method"]), row, table)
    return _number(
        table, row, column, cells, _format_ratios(cells), _compared(cells, _results(table.with_name("results.csv")))
    )


def _results(table: Path) -> pd.DataFrame:
    return read_table(table, _MODEL)


def _per_task(table: Path) -> pd.DataFrame:
    return table_files.read(table, ["arch", "task", "method", "ratio", "chosen_arch", "chosen_recipe", "fallback"])


def _chosen(table: pd.DataFrame, names: list[str], row: str, file: Path) -> pd.DataFrame:
    """The one row of that name."""
    indices = [index for index, name in enumerate(names) if name == row]
    if not indices:
        raise UserError(f"{file} has no row {row!r}: rows are named like {', '.join(names[:3])}")
    return table.iloc[indices[:1]]


def _number(table: Path, row: str, column: str, cells: pd.DataFrame, how: list[str], models: list[Model]) -> Number:
    if column not in cells:
        raise UserError(f"{table} has no column {column!r}: it has {', '.join(cells.columns)}")
    return Number(table.as_posix(), row, column, str(cells.iloc[0][column]), how, models)


def _models(rows: pd.DataFrame) -> list[Model]:
    return [Model(row.task, row.arch, int(row.seed), row.recipe) for row in rows[_MODEL].itertuples()]


def _format_ratios(parts: pd.DataFrame) -> list[str]:
    """What was divided by what, task by task."""
    known = [part for part in parts.itertuples() if pd.notna(part.ratio)]
    return [
        f"{part.task}, {part.method}: {part.ratio} = size of {part.arch}/ft over that of "
        f"{part.chosen_arch}/{part.chosen_recipe}{', for no smaller one qualified' if part.fallback else ''}"
        for part in known
    ]


def _compared(parts: pd.DataFrame, results: pd.DataFrame) -> list[Model]:
    """The models whose sizes and scores were compared, of all seeds, each once."""
    wanted = {(part.task, part.arch, "ft") for part in parts.itertuples() if pd.notna(part.ratio)}
    wanted |= {(part.task, part.chosen_arch, part.chosen_recipe) for part in parts.itertuples() if pd.notna(part.ratio)}
    return [model for model in _models(results) if (model.task, model.arch, model.recipe) in wanted]
