"""What is measured stays: the times of calls in a file, so that a measurement that was stopped goes on from there."""

import json
import math
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from multipress.core.files import replacing

INTERVAL = 1.0
"""Seconds between two writings: what a kill may cost, beside the call in progress."""


class Timings(Protocol):
    """The part of a ``Point`` that is kept."""

    recipe: str
    runtime: str
    batch: int
    length: str
    timed: list[float]
    spent: float


class Progress:
    """The times of all points of one runtime, in a file that is written whole or not at all."""

    def __init__(self, file: Path | None) -> None:
        """Keep times in ``file``; None: nowhere."""
        self._file, self._written = file, time.monotonic()

    def restore(self, points: Sequence[Timings]) -> None:
        """Give points the times that were kept of them; a damaged file is refused with a line, and removed."""
        if self._file is None or not self._file.exists():
            return
        try:
            kept = _read(self._file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            print(f"the kept measurement {self._file} is damaged ({error}): refused", file=sys.stderr, flush=True)
            self._file.unlink(missing_ok=True)
            return
        for point in points:
            point.timed, point.spent = kept.get(_name(point), ([], 0.0))
        calls = sum(len(point.timed) for point in points)
        print(f"{calls} calls were timed before an interruption, and are not repeated: {self._file}", flush=True)

    def keep(self, points: Iterable[Timings], at_once: bool = False) -> None:
        """Write what is measured, if ``INTERVAL`` seconds have passed or ``at_once``."""
        now = time.monotonic()
        if self._file is None or not (at_once or now - self._written >= INTERVAL):
            return
        content = [{"point": _name(point), "timed": point.timed, "spent": point.spent} for point in points]
        with replacing(self._file) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")
        self._written = time.monotonic()


NOWHERE = Progress(None)


def _name(point: Timings) -> str:
    return f"{point.recipe} {point.runtime} {point.batch} {point.length}"


def _read(file: Path) -> dict[str, tuple[list[float], float]]:
    entries = json.loads(file.read_text(encoding="utf-8"))
    return {str(entry["point"]): (_seconds(entry["timed"]), _seconds([entry["spent"]])[0]) for entry in entries}


def _seconds(values: Any) -> list[float]:
    found = [float(value) for value in values]
    if not all(math.isfinite(value) and value >= 0 for value in found):
        raise ValueError("not all times are positive numbers")
    return found
