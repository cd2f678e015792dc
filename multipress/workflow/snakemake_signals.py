"""SIGTERM, Ctrl-C and SIGHUP to Snakemake: they end planning at once, and a run together with its jobs.

By itself Snakemake plans within asyncio, which answers the first Ctrl-C at the next pause only, with many jobs a minute
later; SIGTERM lets it wait for jobs that may take hours; SIGHUP kills it alone. What was ignored when it started, as
under nohup, stays so.
"""

import atexit
import contextlib
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

from multipress.workflow.stopping import Run, Stop

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_REPEATED_SECONDS = 2.0
"""A signal so soon after another one is the same wish, and must not disturb the end that has begun."""

_before: dict[int, Any] = {}
"""What answered the signals before planning."""
_asked = float("-inf")
"""When a signal was answered last while planning."""
_stop: Stop | None = None
"""Of the run that is under way."""


def stop_planning_at_once() -> None:
    """Let the signals end the process with one line until ``give_back`` is called.

    asyncio puts its own handler in the place of Python's alone.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in STOPPING:
        answer = signal.getsignal(number)
        if answer not in (signal.SIG_IGN, _end_planning):
            _before[number] = answer
            signal.signal(number, _end_planning)


def give_back() -> None:
    """Let the signals do again what they did before planning."""
    while _before:
        number, answer = _before.popitem()
        signal.signal(number, answer)


def end_dry_run_at_once() -> None:
    """Let SIGTERM end a dry run, which has no jobs to wait for; Snakemake has just taken it."""
    signal.signal(signal.SIGTERM, _end_planning)


def stop_with_jobs(run: Run) -> None:
    """Let the signals end the run that is about to begin, and all its jobs."""
    global _stop
    _stop = Stop(run)
    atexit.register(_ignore_more)  # Python gives the signals back when it ends, and a second one would kill it there
    give_back()
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop.answer)


def is_stopping() -> bool:
    """Whether the run ends because of a signal."""
    return _stop is not None and _stop.received is not None


def run_is_over() -> None:
    """Let a signal change nothing any more: all jobs are done."""
    _ignore_more()
    if _stop:
        _stop.comes_too_late()


def _ignore_more() -> None:
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _end_planning(number: int, frame: FrameType | None) -> None:
    global _asked
    repeated, _asked = time.monotonic() - _asked < _REPEATED_SECONDS, time.monotonic()
    if not repeated:
        with contextlib.suppress(OSError):  # a terminal that was closed
            print("multipress: stopped while planning; nothing was started", file=sys.__stderr__, flush=True)
        sys.exit(128 + number)
