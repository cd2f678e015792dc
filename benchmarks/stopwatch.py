"""Seconds a step, from the moments at which the steps begin."""

import time
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.workload import synchronize


class Stopwatch:
    """Wraps an objective; the first ``skipped`` steps are warm-up."""

    def __init__(self, device: torch.device, skipped: int) -> None:
        """Measure on a device."""
        self._device, self.skipped = device, skipped
        self._steps = 0
        self._started = 0.0

    def step(self) -> None:
        """Note that a step begins."""
        if self._steps == self.skipped:
            synchronize(self._device)
            self._started = time.perf_counter()
        self._steps += 1

    def around(self, objective: Callable[..., Any]) -> Callable[..., Any]:
        """The objective, noting its calls."""

        def timed(*arguments: Any) -> Any:
            self.step()
            return objective(*arguments)

        return timed

    def seconds_a_step(self) -> float:
        """Mean over all steps after the warm-up; call it right after the last."""
        synchronize(self._device)
        return (time.perf_counter() - self._started) / (self._steps - self.skipped)
