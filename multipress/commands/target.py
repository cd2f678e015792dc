"""What ``multipress recommend`` makes small: a definition of size, or the latency of some calls."""

import argparse
from dataclasses import dataclass

import pandas as pd

from multipress.analysis.recommendation import LATENCY
from multipress.core.errors import UserError
from multipress.evaluation.latency.table import read_latencies
from multipress.evaluation.tables import LATENCY as LATENCY_TABLE

_ONE_ROW = "onnxruntime,1,"
_TASK = "task"
"""Stands for a length: rows of the task."""


@dataclass(frozen=True)
class Target:
    """A quantity of models."""

    name: str
    column: str
    unit: str
    definition: str
    """For people."""
    smaller: str
    """What a model is that has less of it."""
    calls: pd.DataFrame | None = None
    """Measured latencies of one runtime, batch and length."""


def target_of(arguments: argparse.Namespace) -> Target:
    """What is to be small.

    Raises:
        UserError: options of size were given for latency or the other way round, or no such call was measured.
    """
    if arguments.target == "latency":
        if arguments.size is not None:
            raise UserError("--size is of --target size: leave it out, or leave --target latency out")
        return _latency(arguments)
    if arguments.latency_of is not None:
        raise UserError("--latency-of is of --target latency: add that, or leave it out")
    size = arguments.size or "paper_mb"
    return Target("size", size, "MB", size, "smaller")


def _latency(arguments: argparse.Namespace) -> Target:
    path = arguments.results.with_name(LATENCY_TABLE.file)
    if not path.exists():
        raise UserError(f"{path} is missing: name a task in latency.tasks of the study, and run it again")
    table = read_latencies(path)
    table = table[table["device"] == "cpu"]
    calls = table["runtime"] + "," + table["batch"].astype(str) + "," + table["length"]
    known = list(calls.unique())
    default = next((call for call in known if call.startswith(_ONE_ROW)), known[0] if known else "")
    chosen = arguments.latency_of or default
    if chosen not in known:
        raise UserError(f"--latency-of {chosen} was not measured: use one of {' '.join(known) or '(none)'}")
    runtime, batch, length = chosen.split(",")
    tokens = "rows of the task" if length == _TASK else f"{length} tokens"
    return Target("latency", LATENCY, "ms", f"{runtime}, batch {batch}, {tokens}", "faster", table[calls == chosen])
