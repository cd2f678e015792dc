"""Where a training step's time goes on a CPU: PyTorch's operators by kind, and what lies between them.

python -m benchmarks.profile_step --arch tiny --kinds plain int8 --tokens results/tokens/sst2/train.arrow
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.step_costs import KINDS, run
from benchmarks.workload import add_workload
from multipress.training.lazy_embedding import EAGER_STEPS

CPU = torch.device("cpu")
GROUPS = {
    "products of matrices": ("mm", "addmm", "bmm"),
    "GELU": ("gelu", "gelu_backward"),
    "AdamW, clipping, gathering of gradients": ("_fused_adamw_", "linalg_vector_norm", "cat"),
    "rows of the embedding table": ("index_copy_", "index_select", "embedding", "embedding_dense_backward", "_unique2"),
    "random bits of dropout": ("random_", "ge_"),
    "layer norm, softmax": ("native_layer_norm", "native_layer_norm_backward", "_softmax", "_softmax_backward_data"),
    "rounding, clipping, ranges": ("aminmax", "round_", "clamp", "hardtanh_backward"),
    "sums, products, copies": ("add", "add_", "mul", "mul_", "div", "div_", "sum", "copy_", "masked_fill_"),
}


class Profiler:
    """Wraps an objective: skips the warm-up, profiles some steps, then times as many without the profiler."""

    def __init__(self, steps: int) -> None:
        """Look at this number of steps."""
        self.steps = steps
        self._profile = profile(activities=[ProfilerActivity.CPU])
        self._count = 0
        self.seconds = 0.0

    def around(self, objective: Callable[..., Any]) -> Callable[..., Any]:
        """The objective, its calls counted."""

        def counting(*arguments: Any) -> Any:
            begins = self._count - EAGER_STEPS
            if begins == 0:
                self._profile.start()
            elif begins == self.steps:
                self._profile.stop()
                self.seconds = time.perf_counter()
            elif begins == 2 * self.steps:
                self.seconds = (time.perf_counter() - self.seconds) / self.steps
            self._count += 1
            return objective(*arguments)

        return counting

    def milliseconds(self) -> dict[str, float]:
        """Milliseconds a step by group; operators outside of the groups, and Python, are the rest."""
        own = {event.key.removeprefix("aten::"): event.self_cpu_time_total for event in self._profile.key_averages()}
        result = {group: sum(own.get(name, 0) for name in names) for group, names in GROUPS.items()}
        return {group: microseconds / 1000 / self.steps for group, microseconds in result.items()}

    def calls(self) -> float:
        """Calls of operators a step."""
        events = [event for event in self._profile.key_averages() if event.key.startswith("aten::")]
        return sum(event.count for event in events) / self.steps


def main() -> None:
    """Profile each kind of step, print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_workload(arguments, ["tiny"])
    arguments.add_argument("--kinds", nargs="+", choices=KINDS, default=["plain", "int8"])
    arguments.add_argument("--steps", type=int, default=60)
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    for arch in options.arch:
        columns = {}
        for kind in options.kinds:
            profiler = Profiler(options.steps)
            run(kind, arch, options.tokens, EAGER_STEPS + 2 * options.steps + 1, CPU, profiler.around)
            groups = profiler.milliseconds()
            groups["the price of calls"] = 1000 * profiler.seconds - sum(groups.values())
            columns[kind] = [f"{value:.1f}" for value in [*groups.values(), 1000 * profiler.seconds]]
            columns[kind].append(f"{profiler.calls():.0f}")
        print(f"| {arch}, ms a step | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
        for name, *values in zip([*groups, "step without profiler", "calls"], *columns.values(), strict=True):
            print(f"| {name} | {' | '.join(values)} |", flush=True)


if __name__ == "__main__":
    main()
