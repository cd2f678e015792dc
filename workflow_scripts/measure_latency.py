"""Measure how long all recipes of one (task, arch, seed) take for a batch, in every runtime that is installed."""

import argparse
import shutil
from pathlib import Path

from multipress.core import devices
from multipress.core.files import sha256
from multipress.core.settings import Section
from multipress.evaluation.latency.machine import machine
from multipress.evaluation.latency.measure import LatencyJob, count_measured, measure_all, write_rows
from multipress.evaluation.latency.runtimes import Models
from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.model.checkpoints import read_config
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._job_folder import job_folder


class Params(Section):
    """The settings of this rule."""

    task: str
    arch: str
    seed: int
    recipes: list[str]
    settings: MeasuringSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Measure one runtime after the other and write the table at the end; what was measured before a stop stays."""
    models = Models(params.recipes, arguments.models, arguments.onnx)
    vocabulary = read_config(arguments.models / params.recipes[0]).vocab_size
    with_gpu = devices.prepare(arguments.device, params.settings.threads, seed=0).type == "cuda"
    kept = kept_folder(params, arguments, with_gpu) if arguments.scratch else None
    rows = measure_all(LatencyJob(models, arguments.dev, vocabulary, params.settings, kept), with_gpu)
    write_rows(arguments.output, {"task": params.task, "arch": params.arch, "seed": params.seed}, rows)
    if kept:
        shutil.rmtree(kept, ignore_errors=True)
    print(f"{len(rows)} points, {count_measured(rows)} of them measured and the others shared: {arguments.output}")


def kept_folder(params: Params, arguments: argparse.Namespace, with_gpu: bool) -> Path:
    """Where measurements of these settings, code, files and machine are kept until the table is there."""
    key = {
        "params": params.model_dump(mode="json"),
        "code": arguments.code,
        "inputs": [sha256(path) if path.is_file() else None for path in _inputs(params, arguments)],
        "machine": machine(with_gpu),
    }
    name = f"measure_latency-{params.task}-{params.arch}-seed{params.seed}"
    return job_folder(arguments.scratch, name, key)


def _inputs(params: Params, arguments: argparse.Namespace) -> list[Path]:
    """What is measured; a file that is missing is told where it is read."""
    files = [arguments.onnx / f"{recipe}.onnx" for recipe in params.recipes]
    folders = [arguments.models / recipe for recipe in params.recipes]
    files += [folder / name for folder in folders for name in ("model.safetensors", "config.json", "steps.json")]
    return [*files, *([arguments.dev] if arguments.dev else [])]


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        models="folder with one folder for each recipe",
        onnx="folder with an ONNX model for each recipe",
        output="CSV table with a row for each recipe, runtime, batch size and length",
    )
    arguments.add_argument("--dev", type=Path, nargs="?", help="tokens of the dev set, where its rows are measured")
    arguments.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help="auto: GPUs, too")
    arguments.add_argument(
        "--scratch", type=Path, metavar="PATH", help="folder for what is measured, until all is; default: none"
    )
    run(main, Params, arguments)
