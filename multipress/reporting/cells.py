"""Cells and tables of Markdown, for pages of results."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from multipress.core import csv_tables
from multipress.core.errors import UserError
from multipress.reporting.contents import ALL_TABLES

_KNOWN = {table.name: table for table in ALL_TABLES}


def read(tables: Path, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A table of a published run.

    Args:
        tables: The run's folder of tables.
        name: The table's name.
        columns: Columns that it must have; None: all that runs of today have. Tables of models, which are not made
            anew, lack some in older runs: of these a reader names those that it needs.

    Raises:
        UserError: it is missing or damaged, or lacks a column.
    """
    known = _KNOWN[name]
    file = tables / known.file
    demanded = known.columns if columns is None else columns
    try:
        return csv_tables.load(file, demanded, dtype=dict.fromkeys(known.text, str), unknown=["NA", ""])
    except csv_tables.TableError as error:
        raise UserError(f"{file} {error.problem}: publish the run again") from None


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def interval(value: float, low: float, high: float, form: str = ".2f") -> str:
    """A number with its interval, if it has one."""
    if pd.isna(value):
        return "–"
    return f"{value:{form}}" if pd.isna(low) else f"{value:{form}} ({low:{form}} to {high:{form}})"


def number(value: float, form: str = ".1f") -> str:
    """A number, or a dash where it is not known."""
    return "–" if pd.isna(value) else f"{value:{form}}"


def over_tasks(value: float, row: Any) -> str:
    """With the interval over tasks, which two of them leave so wide that it says nothing."""
    low, high = (row.low, row.high) if row.n_tasks > 2 else (float("nan"), float("nan"))
    return interval(value, low, high, "+.1f")


def size(megabytes: float) -> str:
    """Megabytes with three digits."""
    return number(megabytes, ".3g")


def times(ratio: float) -> str:
    """How many times smaller."""
    return "–" if pd.isna(ratio) else f"{ratio:.2f}×"


def percent(share: float) -> str:
    """A share in percent."""
    return number(share, ".3g")


def speed(ratio: float) -> str:
    """How many times faster."""
    return "–" if pd.isna(ratio) else f"{ratio:.1f}×"


def milliseconds(value: float) -> str:
    """A time."""
    return number(value, ".2f")


def text(value: object) -> str:
    """Words, or a dash for none."""
    return "–" if pd.isna(value) else str(value)
