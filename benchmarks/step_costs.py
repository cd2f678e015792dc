"""What a step of distillation, pruning or quantization costs against a plain one on the same batch, in turns.

python -m benchmarks.step_costs --arch tiny mini --tokens results/tokens/sst2/train.arrow
"""

import argparse
import statistics
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.stopwatch import Stopwatch
from benchmarks.workload import BATCH, add_workload, new_model, read_workload, settings
from multipress.batches import RowBatches
from multipress.bert import BertClassifier
from multipress.config.training import DistillationSettings, PruneSettings, QuantizeSettings
from multipress.data.tokens import Tokens
from multipress.distillation import distillation_objective
from multipress.fake_quantization import scheme
from multipress.hooks import Hook
from multipress.lazy_table import EAGER_STEPS
from multipress.objectives import task_objective
from multipress.pruning import Pruner
from multipress.quantization import GridWeights, insert_quantizers
from multipress.training import Means, train

KINDS = ("plain", "kd", "mp60", "int8")


def seconds_of_steps(
    kind: str, arch: str, tokens: Tokens, steps: int, device: torch.device, bfloat16: bool
) -> list[float]:
    """Seconds of steps of this kind, the same batches for each; quantization computes in float32."""
    model = new_model(arch)
    watch = Stopwatch(device, EAGER_STEPS)
    logits = np.zeros((len(tokens), 2), dtype=np.float32) if kind == "kd" else None
    batches = RowBatches(tokens, BATCH, 0, device, logits)
    means = Means(device, hooks=_hooks(kind, model), bfloat16=bfloat16 and kind != "int8")
    train(model, batches, watch.around(_objective(kind)), settings(steps + EAGER_STEPS, batches.per_epoch), means)
    return watch.seconds_of_steps()


def _objective(kind: str) -> Callable:
    if kind == "kd":
        return distillation_objective("classification", DistillationSettings())
    return task_objective("classification")


def _hooks(kind: str, model: BertClassifier) -> list[Hook]:
    """Pruning rises over the whole training: the schedule's most costly part."""
    if kind == "int8":
        insert_quantizers(model, scheme(QuantizeSettings(), 8))
        return [GridWeights(model)]
    return [Pruner(model, PruneSettings(ramp_start=0.0, ramp_end=1.0), 0.6)] if kind == "mp60" else []


def main() -> None:
    """Measure in turns, print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["tiny", "mini"])
    arguments.add_argument("--steps", type=int, default=100)
    options = arguments.parse_args()
    device, tokens = torch.device(options.device), read_workload(options.tokens)
    torch.set_num_threads(options.threads)
    print(f"| {options.device}, {options.threads} threads | plain step | kd | mp60 | int8 |\n|---|---|---|---|---|")
    for arch in options.arch:
        seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(options.rounds):
            for kind in KINDS:
                seconds[kind] += seconds_of_steps(kind, arch, tokens, options.steps, device, device.type == "cuda")
        ratios = [
            statistics.median(value / plain for value, plain in zip(seconds[kind], seconds["plain"], strict=True))
            for kind in KINDS[1:]
        ]
        shown = " | ".join(f"{ratio:.2f}×" for ratio in ratios)
        print(f"| {arch} | {1000 * statistics.median(seconds['plain']):.1f} ms | {shown} |", flush=True)


if __name__ == "__main__":
    main()
