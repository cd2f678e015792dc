"""Steps a second of so many trainings side by side on one device, each in a process of its own, and of all together.

    python -m benchmarks.side_by_side --arch 6x384x12x1536 --processes 1 4 12

Small models leave most of a GPU idle. How well trainings share it depends on NVIDIA's Multi-Process Service: run the
same with it and without.
"""

import argparse
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

import torch

from benchmarks.workload import add_workload, new_model, read_workload, settings, synchronize
from multipress.training.batches import RowBatches
from multipress.training.lazy_embedding import EAGER_STEPS
from multipress.training.loop import TrainingContext, train
from multipress.training.objectives import task_objective

PATIENCE = 300.0
"""Seconds that trainings wait for each other's warm-up: one that has failed never comes."""


def steps_a_second(count: int, arch: str, options: argparse.Namespace) -> float:
    """Of all ``count`` trainings together: those that each has made when the time is over."""
    context = get_context("spawn")
    barrier = context.Barrier(count, timeout=PATIENCE)
    pipes, processes = [], []
    for _ in range(count):
        ours, theirs = context.Pipe()
        processes.append(context.Process(target=_train, args=(arch, options, barrier, theirs), daemon=True))
        processes[-1].start()
        theirs.close()  # so that the end of a training that fails is seen
        pipes.append(ours)
    found = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.kill()  # a training would answer a milder signal by saving its state
        process.join()
    return float(sum(steps / seconds for steps, seconds in found))


def _train(arch: str, options: argparse.Namespace, barrier: Barrier, pipe: Connection) -> None:
    torch.set_num_threads(options.threads)
    device, path = torch.device(options.device), options.tokens
    batches = RowBatches(read_workload(path), options.batch_size, 0, device)
    objective = _measured(task_objective("classification"), options.seconds, device, barrier, pipe)
    context = TrainingContext(device, bfloat16=device.type == "cuda" and not options.float32)
    train(new_model(arch), batches, objective, settings(1_000_000, batches.per_epoch), context)


def _measured(
    objective: Callable[..., Any], seconds: float, device: torch.device, barrier: Barrier, pipe: Connection
) -> Callable[..., Any]:
    """The objective; after the warm-up it waits for the other trainings, and tells the steps in so many seconds."""
    calls, started, told = 0, 0.0, False

    def called(*arguments: Any) -> Any:
        nonlocal calls, started, told
        if calls == EAGER_STEPS:
            synchronize(device)
            barrier.wait()
            started = time.perf_counter()
        calls += 1
        if not told and started and time.perf_counter() - started >= seconds:
            synchronize(device)
            pipe.send((calls - EAGER_STEPS, time.perf_counter() - started))
            told = True
        return objective(*arguments)

    return called


def main() -> None:
    """Measure one number of trainings after the other, print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["6x384x12x1536"])
    arguments.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    arguments.add_argument("--batch-size", type=int, default=16)
    arguments.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    arguments.add_argument("--float32", action="store_true", help="on a GPU: float32 instead of bfloat16")
    options: argparse.Namespace = arguments.parse_args()
    print(f"| {options.device}, steps a second | {' | '.join(map(str, options.processes))} |")
    print("|---|" + "---|" * len(options.processes))
    for arch in options.arch:
        rates = [steps_a_second(count, arch, options) for count in options.processes]
        print(f"| {arch} | {' | '.join(f'{rate:,.0f}' for rate in rates)} |", flush=True)


if __name__ == "__main__":
    main()
