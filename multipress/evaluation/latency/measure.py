"""Latency of all recipes of one (task, arch, seed), one runtime after the other, each in a process of its own.

Runtimes keep threads that wait busily for work: several in one process slow each other up to fourfold.
"""

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from multipress.core.cpus import pin, processor_name
from multipress.core.files import replacing
from multipress.core.subprocesses import call_in_own_process
from multipress.data.token_files import read_tokens
from multipress.data.tokens import Tokens
from multipress.evaluation.latency.batches import Inputs, random_batch, typical_batch
from multipress.evaluation.latency.points import Point, measure
from multipress.evaluation.latency.progress import Progress
from multipress.evaluation.latency.runtimes import (
    ONNXRUNTIME,
    OPENVINO,
    SPARSE,
    TORCH,
    MissingRuntime,
    Models,
    candidates,
)
from multipress.evaluation.latency.sameness import Computation
from multipress.evaluation.latency.settings import MeasuringSettings

PEER = "ft"
"""The fp32 dense model that the others are compared with."""

TASK = "task"
"""Stands for a length: rows of the task."""

COLUMNS = [
    *("recipe", "runtime", "device", "threads", "batch", "length"),
    *("measured_recipe", "n", "p10_ms", "median_ms", "speedup", "cpu"),
]


@dataclass(frozen=True)
class LatencyJob:
    """The models and batches to measure."""

    models: Models
    tokens: Path | None
    """Tokens of the dev set, where its rows are measured."""
    vocabulary: int
    settings: MeasuringSettings
    kept: Path | None = None
    """Folder of what an interrupted measurement of the same models, settings and machine has measured."""


def measure_all(job: LatencyJob, with_gpu: bool) -> list[dict[str, Any]]:
    """A row with ``COLUMNS`` for each model, runtime, device, batch size and length; missing runtimes have none.

    Models that a runtime computes alike are measured once: each has a row, which names the one that was measured.
    Models with exits have none, for a batch of random rows says nothing of how early rows of the task leave.

    Raises:
        UserError: a model or the dev set is missing or damaged, or a process died.
    """
    computations = job.models.read_computations()
    if left_out := [recipe for recipe, each in computations.items() if each.has_exits]:
        print(f"{', '.join(left_out)}: not measured, for the time is up to the row: benchmarks.early_exit", flush=True)
    measured = {recipe: each for recipe, each in computations.items() if recipe not in left_out}
    return measure_once_each(job, measured, with_gpu)


def measure_once_each(job: LatencyJob, computations: dict[str, Computation], with_gpu: bool) -> list[dict[str, Any]]:
    """The rows of ``measure_all``, for models that compute what ``computations`` says."""
    targets = [(ONNXRUNTIME, "cpu"), (OPENVINO, "cpu"), (TORCH, "cpu"), *([(TORCH, "cuda")] if with_gpu else [])]
    rows = [call_in_own_process(measure_runtime, job, computations, *target) for target in targets]
    return list(itertools.chain(*rows))


def measure_runtime(
    job: LatencyJob, computations: dict[str, Computation], runtime: str, device: str
) -> list[dict[str, Any]]:
    """The rows of one runtime on one device; pins the process that it runs in to its threads' CPUs."""
    settings = job.settings
    pin(settings.threads)
    try:
        models = candidates(job.models, computations, runtime, torch.device(device), settings.threads)
    except MissingRuntime as missing:
        print(f"{runtime} is left out, for it is not installed here: {missing}", flush=True)
        return []
    tokens = read_tokens(job.tokens) if job.tokens else None
    points = [
        Point(model.recipes[0], model.runtime, batch, length, model.prepare(inputs), shared_by=model.recipes)
        for (batch, length), inputs in batches(settings, job.vocabulary, tokens).items()
        for model in models
    ]
    measure(points, settings, Progress(job.kept and job.kept / f"{runtime}-{device}.json"))
    print(f"{runtime} on {device}: {len(points)} points, {sum(point.spent for point in points):.0f} s", flush=True)
    name = torch.cuda.get_device_name() if device == "cuda" else device
    return [row | {"device": name, "threads": settings.threads, "cpu": processor_name()} for row in rows_of(points)]


def batches(settings: MeasuringSettings, vocabulary: int, tokens: Tokens | None) -> dict[tuple[int, str], Inputs]:
    """The batch of each size and length, and of the task's rows where there are any."""
    found: dict[tuple[int, str], Inputs] = {}
    for rows in settings.batch_sizes:
        for length in settings.lengths:
            found[rows, str(length)] = random_batch(vocabulary, rows, length)
        if tokens is not None:
            found[rows, TASK] = typical_batch(tokens, rows)
    return found


def rows_of(points: Sequence[Point]) -> list[dict[str, Any]]:
    """A row for each recipe of each point, with its speed-up over the dense float model on the same batch.

    Sparse models are compared with the dense model of PyTorch.
    """
    peers = {(point.runtime, point.batch, point.length): point for point in points if PEER in point.recipes}
    rows = []
    for point in points:
        runtime = TORCH if point.runtime == SPARSE else point.runtime
        peer = peers.get((runtime, point.batch, point.length))
        p10 = point.percentile(10)
        measured = {
            "runtime": point.runtime,
            "batch": point.batch,
            "length": point.length,
            "measured_recipe": point.recipe,
            "n": len(point.timed),
            "p10_ms": round(p10, 6),
            "median_ms": round(point.percentile(50), 6),
            "speedup": None if peer is None else round(peer.percentile(10) / p10, 4),
        }
        rows += [{"recipe": recipe} | measured for recipe in point.recipes]
    return rows


def count_measured(rows: Sequence[dict[str, Any]]) -> int:
    """Rows with a measurement of their own; the others share one of these."""
    return sum(row["recipe"] == row["measured_recipe"] for row in rows)


def write_rows(path: Path, model: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Write a CSV table: task, arch, recipe and seed of each model first."""
    columns = ["task", "arch", "recipe", "seed", *COLUMNS[1:]]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(model | row for row in rows)
