"""What the whole paper costs on this device: device hours a seed, by architecture and by stage, from measured speed.

    python -m benchmarks.paper_cost --arch tiny mini

Measures seconds a step at several lengths for each architecture, interpolates at each task's mean length, and adds up
config.yaml's trainings. Architectures that are not measured are left out of the sum.
"""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch
import yaml

from benchmarks.stopwatch import Stopwatch
from benchmarks.workload import BATCH, add_workload, new_model, settings
from multipress.compression import recipes
from multipress.data.tokens import Tokens
from multipress.training.batches import RowBatches
from multipress.training.lazy_embedding import EAGER_STEPS
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective
from multipress.workflow.configuration import Config
from multipress.workflow.load import load
from multipress.workflow.training_inputs import inputs_of

ROOT = Path(__file__).parents[1]

ROWS = {
    "cola": 8551,
    "sst2": 67349,
    "mrpc": 3668,
    "stsb": 5749,
    "qqp": 363846,
    "mnli": 392702,
    "qnli": 104743,
    "rte": 2490,
}
"""Training rows (Wang et al. 2019)."""

MEAN_LENGTHS = {"cola": 12, "sst2": 13, "mrpc": 53, "stsb": 31, "qqp": 30, "mnli": 40, "qnli": 50, "rte": 67}
"""Tokens of a training row with BERT's uncased vocabulary, cut at 128."""

LENGTHS = (8, 16, 32, 64, 96)


def seconds_a_step(arch: str, length: int, steps: int, device: torch.device) -> float:
    """Mean seconds of a step on rows of one length."""
    generator = np.random.default_rng(0)
    rows, warmup = BATCH * 8, EAGER_STEPS if device.type == "cpu" else 8
    ids = generator.integers(999, 12_000, rows * length).astype(np.int32)
    lengths = np.full(rows, length, dtype=np.int32)
    tokens = Tokens(ids, np.arange(rows + 1) * length, lengths, generator.integers(0, 2, rows) * 1.0, np.arange(rows))
    watch = Stopwatch(device, min(warmup, 2 * steps))
    batches = RowBatches(tokens, BATCH, 0, device)
    total = settings(watch.skipped + steps, batches.per_epoch)
    objective = watch.around(task_objective("classification"))
    train(new_model(arch), batches, objective, total, TrainingContext(device, bfloat16=device.type == "cuda"))
    return watch.seconds_a_step()


def hours(config: Config, arch: str, task: str, recipe: str, seconds: list[float]) -> tuple[str, float]:
    """The stage of a model's own training, and its device hours."""
    steps_of_recipe = recipes.steps(recipe, config.variant_steps)
    last, needed = steps_of_recipe[-1], inputs_of(config, steps_of_recipe, task, arch)
    chosen = config.settings_of(recipe, task, arch)
    copies = config.stage("augment", task).copies if needed.augmented or needed.counted else 0
    steps = chosen.epochs * ROWS[task] * (1 + copies) / chosen.batch_size
    return last.method.name, steps * (chosen.batch_size / BATCH) * float(
        np.interp(MEAN_LENGTHS[task], LENGTHS, seconds)
    ) / 3600


def main() -> None:
    """Measure, add up, print tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["tiny", "mini", "small", "medium", "base", "large"])
    arguments.add_argument("--steps", type=int, default=10, help="measured at each length")
    arguments.add_argument("--config", type=Path, default=ROOT / "config.yaml")
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    config = load(yaml.safe_load(options.config.read_text(encoding="utf-8")))
    by_arch: dict[str, Counter] = defaultdict(Counter)
    for arch in options.arch:
        seconds = [seconds_a_step(arch, length, options.steps, torch.device(options.device)) for length in LENGTHS]
        for task in config.study.tasks:
            for recipe in config.recipes_of(arch):
                stage, cost = hours(config, arch, task, recipe, seconds)
                by_arch[arch][stage] += cost
    stages = ("finetune", "distill", "prune", "quantize")
    print(f"| {options.device} hours a seed | {' | '.join(stages)} | all |\n|---|" + "---|" * 5)
    for name, costs in [*by_arch.items(), ("all", sum(by_arch.values(), Counter()))]:
        shown = " | ".join(f"{costs[stage]:,.1f}" for stage in stages)
        print(f"| {name} | {shown} | {costs.total():,.1f} |")


if __name__ == "__main__":
    main()
