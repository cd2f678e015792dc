"""How long eight recipes take to be measured, alone and each computation once (docs/explanation/performance.md).

python -m benchmarks.shared_latency --shape 2 128 4 512 --lengths 48 --batch-sizes 1 8 --repetitions 10 --seconds 1
python -m benchmarks.shared_latency --shape 6 384 6 1536 --batch-sizes 1 4 --repetitions 5 --seconds 1000

Models with random weights, pruned by magnitude and quantized after training; both ways in turns. Printed are medians in
seconds of the CPU, which is what one thread takes on a machine that does nothing else.
"""

import argparse
import os
import statistics
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks.deployment import make
from benchmarks.workload import VOCABULARY, generated_rows
from multipress.evaluation.latency.measure import LatencyJob, count_measured, measure_once_each
from multipress.evaluation.latency.runtimes import Models
from multipress.evaluation.latency.settings import MeasuringSettings
from multipress.model.bert import BertClassifier
from multipress.model.build import bert_config
from multipress.model.shape import ArchitectureSpec

RECIPES = [f"{start}{pruned}{bits}" for start in ("ft", "kd") for pruned in ("", "-mp60") for bits in ("", "-int8")]


def seconds(job: LatencyJob, apart: bool) -> tuple[float, int]:
    """CPU seconds of a measurement, and its points; ``apart`` takes each recipe for a computation of its own."""
    started = _cpu_seconds()
    computations = job.models.read_computations()
    if apart:
        computations = {recipe: replace(found, graph=recipe) for recipe, found in computations.items()}
    rows = measure_once_each(job, computations, with_gpu=False)
    return _cpu_seconds() - started, count_measured(rows)


def _cpu_seconds() -> float:
    """Of this process and of those that it has started and that have ended."""
    return sum(os.times()[:4])


def main() -> None:
    """Print seconds and points of both ways, and the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--shape", type=int, nargs=4, required=True, help="layers, hidden, heads, feed_forward")
    arguments.add_argument("--lengths", type=int, nargs="+", default=[128])
    arguments.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 32])
    arguments.add_argument("--repetitions", type=int, default=30)
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    chosen = {name: getattr(options, name) for name in ("lengths", "batch_sizes", "repetitions", "seconds")}
    torch.set_num_threads(1)
    names = ("layers", "hidden", "heads", "feed_forward")
    shape = ArchitectureSpec(**dict(zip(names, options.shape, strict=True)))
    with TemporaryDirectory() as name:
        make(Path(name), BertClassifier(bert_config(shape, VOCABULARY)), generated_rows(64), RECIPES)
        settings = MeasuringSettings(task_lengths=False, **chosen)
        job = LatencyJob(Models(RECIPES, Path(name), Path(name)), None, VOCABULARY, settings)
        rounds = [(seconds(job, apart=True), seconds(job, apart=False)) for _ in range(options.rounds)]
    apart, once = (statistics.median(way[0] for way in ways) for ways in zip(*rounds, strict=True))
    (_, points), (_, fewer) = rounds[0]
    print(f"{apart:.1f} s for {points} points, {once:.1f} s for {fewer}: {apart / once:.1f}×")


if __name__ == "__main__":
    main()
