"""Seconds a step, from the moments at which the steps begin."""

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

from benchmarks.workload import synchronize


class Stopwatch:
    """Wraps an objective; the first ``skipped`` steps are warm-up."""

    def __init__(self, device: torch.device, skipped: int) -> None:
        """Measure on a device."""
        self._device, self.skipped = device, skipped
        self._moments: list[float] = []

    def step(self) -> None:
        """Note that a step begins."""
        if len(self._moments) == self.skipped:
            synchronize(self._device)
        self._moments.append(time.perf_counter())

    def around(self, objective: Callable[..., Any]) -> Callable[..., Any]:
        """The objective, noting its calls."""

        def timed(*arguments: Any) -> Any:
            self.step()
            return objective(*arguments)

        return timed

    def seconds_a_step(self) -> float:
        """Mean over all steps after the warm-up; call it right after the last."""
        synchronize(self._device)
        return (time.perf_counter() - self._moments[self.skipped]) / (len(self._moments) - self.skipped)

    def seconds_of_steps(self) -> list[float]:
        """Each step after the warm-up but the last; on a GPU, which runs behind the calls, their mean."""
        if self._device.type == "cuda":
            return [self.seconds_a_step()]
        moments = self._moments[self.skipped :]
        return [after - before for before, after in pairwise(moments)]
