"""Time calls in turns, so that whatever slows the machine for a while slows all that is compared."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from multipress.evaluation.latency.progress import NOWHERE, Progress
from multipress.evaluation.latency.settings import LEAST_REPETITIONS, TurnSettings

CACHED_SECONDS = 0.1
"""A shorter call is made twice and timed the second time: another model has just used the caches and the runtime's
buffers, and filling them anew takes milliseconds."""


@dataclass
class Point:
    """A model on a batch of one size and length, and its measured times."""

    recipe: str
    runtime: str
    batch: int
    length: str
    """Tokens of a row, or ``task``."""
    call: Callable[[], Any]
    """Computes the logits, and returns when they are there."""
    timed: list[float] = field(default_factory=list)
    """Seconds of each timed call."""
    spent: float = 0.0
    """Seconds of all calls."""
    clock: Callable[[], float] = time.perf_counter
    shared_by: Sequence[str] = ()
    """Recipes that the measurement holds for, the measured one included; empty: that one alone."""

    @property
    def recipes(self) -> Sequence[str]:
        """All that the measurement holds for."""
        return self.shared_by or [self.recipe]

    def run(self) -> float:
        """Seconds of one call."""
        start = self.clock()
        self.call()
        seconds = self.clock() - start
        self.spent += seconds
        return seconds

    def repeat(self) -> None:
        """Time a call that finds the caches as the same model has left them."""
        seconds = self.run()
        self.timed.append(self.run() if seconds < CACHED_SECONDS else seconds)

    def needs_another(self, seconds: float) -> bool:
        """Whether to time another call, where all calls together may take ``seconds``."""
        return self.spent < seconds or len(self.timed) < LEAST_REPETITIONS

    def is_open(self, settings: TurnSettings) -> bool:
        """Whether calls are still to be timed."""
        return len(self.timed) < settings.repetitions and self.needs_another(settings.seconds)

    def percentile(self, percent: float) -> float:
        """A percentile of the timed calls, in milliseconds."""
        return 1000 * float(np.percentile(self.timed, percent))


def measure(points: Sequence[Point], settings: TurnSettings, progress: Progress = NOWHERE) -> None:
    """Warm every point up, then time one call of each in turn, as often as the settings say and the time allows.

    What ``progress`` kept of an interrupted measurement is not measured again.
    """
    progress.restore(points)
    _warm_up([point for point in points if point.is_open(settings)], settings)
    for number, turn in enumerate(turns(points, settings.repetitions)):
        for point in turn:
            if len(point.timed) <= number and point.needs_another(settings.seconds):
                point.repeat()
                progress.keep(points)
    progress.keep(points, at_once=True)


def _warm_up(points: Sequence[Point], settings: TurnSettings) -> None:
    for number in range(settings.warmup):
        for point in points:
            if number == 0 or point.spent < settings.seconds:
                point.run()


def turns(points: Sequence[Point], count: int) -> list[list[Point]]:
    """``count`` rounds of all points; each begins further on, so that the starts go once around the list."""
    starts = [number * len(points) // count for number in range(count)]
    return [[*points[start:], *points[:start]] for start in starts]
