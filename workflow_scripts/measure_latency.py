"""Measure how long all recipes of one (task, arch, seed) take for a batch, in every runtime that is installed."""

import argparse
from pathlib import Path

from multipress.core import devices
from multipress.core.settings import Section
from multipress.evaluation.latency.measure import LatencyJob, measure_all, write_rows
from multipress.evaluation.latency.runtimes import Models
from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.model.checkpoints import read_config
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The settings of this rule."""

    task: str
    arch: str
    seed: int
    recipes: list[str]
    settings: MeasuringSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Measure one runtime after the other and write the table at the end."""
    models = Models(params.recipes, arguments.models, arguments.onnx)
    vocabulary = read_config(arguments.models / params.recipes[0]).vocab_size
    with_gpu = devices.prepare(arguments.device, params.settings.threads, seed=0).type == "cuda"
    rows = measure_all(LatencyJob(models, arguments.dev, vocabulary, params.settings), with_gpu)
    write_rows(arguments.output, {"task": params.task, "arch": params.arch, "seed": params.seed}, rows)
    print(f"{len(rows)} points: {arguments.output}")


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
    run(main, Params, arguments)
