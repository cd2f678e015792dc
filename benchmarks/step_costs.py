"""What a step of distillation, pruning or quantization costs against a plain one on the same batch, in turns.

python -m benchmarks.step_costs --arch tiny mini --tokens results/tokens/sst2/train.arrow
python -m benchmarks.step_costs --arch tiny mini 6x384x12x1536 --kinds ter bin fkd --turns 40 --threads 1

The teacher of ``fkd`` has the student's shape, and computes beside it.
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.turns import Wrap, seconds_in_turns
from benchmarks.workload import BATCH, add_workload, new_model, read_workload, settings
from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import distillation_objective
from multipress.compression.distill_features.loss_settings import FeatureSettings
from multipress.compression.distill_features.objective import feature_objective
from multipress.compression.prune.masks import Pruner
from multipress.compression.prune.settings import PruneSettings
from multipress.compression.quantize.grid_weights import GridWeights
from multipress.compression.quantize.layers import insert_quantizers
from multipress.compression.quantize.scheme import BINARY, TERNARY, scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.model.bert import BertClassifier
from multipress.training.batches import RowBatches
from multipress.training.hooks import Hook
from multipress.training.lazy_embedding import EAGER_STEPS
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective

BITS = {"int8": 8, "ter": TERNARY, "bin": BINARY}
KINDS = ("plain", "kd", "mp60", *BITS, "fkd")


def run(kind: str, arch: str, path: Path | None, steps: int, device: torch.device, wrap: Wrap) -> None:
    """Train with steps of this kind, the same batches for each; quantization computes in float32."""
    tokens, model = read_workload(path), new_model(arch)
    logits = np.zeros((len(tokens), 2), dtype=np.float32) if kind == "kd" else None
    batches = RowBatches(tokens, BATCH, 0, device, logits)
    context = TrainingContext(device, hooks=_hooks(kind, model), bfloat16=device.type == "cuda" and kind not in BITS)
    train(model, batches, wrap(_objective(kind, arch, device)), settings(steps, batches.per_epoch), context)


def _objective(kind: str, arch: str, device: torch.device) -> Callable:
    if kind == "fkd":
        return feature_objective("classification", FeatureSettings(), new_model(arch, seed=1).to(device))
    if kind == "kd":
        return distillation_objective("classification", DistillationSettings())
    return task_objective("classification")


def _hooks(kind: str, model: BertClassifier) -> list[Hook]:
    """Pruning rises over the whole training: the schedule's most costly part."""
    if kind in BITS:
        insert_quantizers(model, scheme_of(QuantizeSettings(), BITS[kind]))
        return [GridWeights(model)]
    return [Pruner(model, PruneSettings(ramp_start=0.0, ramp_end=1.0), 0.6)] if kind == "mp60" else []


def main() -> None:
    """Measure in turns, print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["tiny", "mini"])
    arguments.add_argument("--kinds", nargs="+", choices=KINDS[1:], default=KINDS[1:])
    arguments.add_argument("--turns", type=int, default=200, help="turns of each kind")
    options = arguments.parse_args()
    device = torch.device(options.device)
    print(f"| {options.device}, {options.threads} threads | plain step | {' | '.join(options.kinds)} |")
    print("|---|---|" + "---|" * len(options.kinds))
    kinds = (KINDS[0], *options.kinds)
    for arch in options.arch:
        steps = EAGER_STEPS + 20 * (options.turns + 1)
        trainings = [(partial(run, kind, arch, options.tokens, steps, device), EAGER_STEPS) for kind in kinds]
        plain, *others = seconds_in_turns(trainings, options.turns, device, options.threads)
        ratios = [statistics.median(a / b for a, b in zip(seconds, plain, strict=True)) for seconds in others]
        shown = " | ".join(f"{ratio:.2f}×" for ratio in ratios)
        print(f"| {arch} | {1000 * statistics.median(plain):.1f} ms | {shown} |", flush=True)


if __name__ == "__main__":
    main()
