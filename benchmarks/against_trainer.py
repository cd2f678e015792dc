"""Examples a second of multipress and of Hugging Face's Trainer, in turns, and the ratio between them.

python -m benchmarks.against_trainer --arch tiny mini --tokens results/tokens/sst2/train.arrow
"""

import argparse
import statistics

import torch

from benchmarks.stopwatch import Stopwatch
from benchmarks.trainer_peer import VARIANTS, run_trainer
from benchmarks.workload import BATCH, add_workload, new_model, read_workload, settings, shape_of
from multipress.data.tokens import Tokens
from multipress.training.batches import RowBatches
from multipress.training.lazy_embedding import EAGER_STEPS
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective

SKIPPED = 5
"""Steps of the Trainer that count as warm-up; of ours, those in which every embedding row is updated."""


def run_ours(arch: str, tokens: Tokens, steps: int, device: torch.device, bfloat16: bool) -> float:
    """Seconds a step of this project's training loop."""
    watch = Stopwatch(device, EAGER_STEPS)
    batches = RowBatches(tokens, BATCH, 0, device)
    objective = watch.around(task_objective("classification"))
    total = settings(steps + EAGER_STEPS, batches.per_epoch)
    train(new_model(arch), batches, objective, total, TrainingContext(device, bfloat16=bfloat16))
    return watch.seconds_a_step()


def utilization(arch: str, tokens: Tokens, seconds: float, peak: float) -> float:
    """Model FLOP utilization: 6 FLOP a weight of the encoder's products and token, and attention, against the peak."""
    shape, lengths = shape_of(arch), tokens.lengths.astype(float)
    weights = shape.layers * (4 * shape.hidden**2 + 2 * shape.hidden * shape.feed_forward)
    attention = 12 * shape.layers * shape.hidden * (lengths**2).mean()
    return (6 * weights * lengths.mean() + attention) * BATCH / seconds / (peak * 1e12)


def main() -> None:
    """Measure in turns, print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["tiny", "mini"])
    arguments.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    arguments.add_argument("--steps", type=int, default=100, help="of ours in each round; the Trainer takes fewer")
    arguments.add_argument("--float32", action="store_true", help="on a GPU: float32 instead of bfloat16")
    arguments.add_argument("--peak-tflops", type=float, help="the GPU's peak, to print the model FLOP utilization")
    options = arguments.parse_args()
    device, tokens = torch.device(options.device), read_workload(options.tokens)
    torch.set_num_threads(options.threads)
    bfloat16 = device.type == "cuda" and not options.float32
    print(
        f"| {options.device}, {options.threads} threads | examples/s | multipress is faster by | utilization |\n"
        "|---|---|---|---|"
    )
    for arch in options.arch:
        seconds: dict[str, list[float]] = {"multipress": []} | {name: [] for name in options.variants}
        for _ in range(options.rounds):
            seconds["multipress"].append(run_ours(arch, tokens, options.steps, device, bfloat16))
            for name in options.variants:
                steps = SKIPPED + max(8, options.steps // (10 if name == "a" and device.type == "cpu" else 2))
                watch = Stopwatch(device, SKIPPED)
                seconds[name].append(run_trainer(name, arch, tokens, steps, device, watch, bfloat16)[1])
        for name, values in seconds.items():
            ratios = [value / ours for value, ours in zip(values, seconds["multipress"], strict=True)]
            share = (
                utilization(arch, tokens, statistics.median(values), options.peak_tflops) if options.peak_tflops else 0
            )
            spread = (
                f"{statistics.median(ratios):.2f}× ({min(ratios):.2f} to {max(ratios):.2f})" if name in VARIANTS else ""
            )
            print(
                f"| {arch}, {VARIANTS.get(name, name)} | {BATCH / statistics.median(values):,.0f} | {spread} "
                f"| {f'{share:.0%}' if share else ''} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
