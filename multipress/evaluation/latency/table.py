"""The table of all latencies."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from multipress.core.errors import UserError
from multipress.evaluation.tables import LATENCY

_MODEL = ["task", "arch", "recipe", "seed"]


def gather(files: Sequence[Path], results: pd.DataFrame) -> pd.DataFrame:
    """The rows of all ``files``, models in the order in which ``results`` names them; it has their columns, too.

    Raises:
        UserError: a file is missing or no table of latencies, or names a model that ``results`` does not.
    """
    table = pd.concat([read_latencies(file) for file in files], ignore_index=True)
    place = {model: number for number, model in enumerate(_models(results))}
    if unknown := [model for model in _models(table) if model not in place]:
        task, arch, recipe, seed = unknown[0]
        raise UserError(
            f"results.csv has no row for {task}/{arch}/seed{seed}/{recipe}, whose latency was measured: "
            "rerun the rule tabulate"
        )
    order = pd.Series([place[model] for model in _models(table)]).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def read_latencies(path: Path) -> pd.DataFrame:
    """A table of latencies; names and lengths stay text.

    Raises:
        UserError: the file is missing, no table, or lacks a column.
    """
    try:
        table = pd.read_csv(path, dtype=dict.fromkeys(LATENCY.text, str), keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise UserError(f"{path} is missing; rerun the rule that makes it") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is no CSV table ({reason}); delete it and rerun the rule that makes it") from None
    if absent := [column for column in LATENCY.columns if column not in table]:
        raise UserError(f"{path} has no column {', '.join(absent)}; delete it and rerun the rule that makes it")
    return table


def _models(table: pd.DataFrame) -> list[tuple[str, str, str, int]]:
    """Task, architecture, recipe and seed of each row."""
    return list(table[_MODEL].itertuples(index=False, name=None))
