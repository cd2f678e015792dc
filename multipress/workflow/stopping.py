"""A run is stopped: its jobs are told to end, what does not is killed, and only then the run itself ends."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Protocol

import psutil

GRACE_SECONDS = 10.0
"""After SIGTERM; a training gives up a step that takes longer than 9 s by itself (multipress/training/signals.py)."""
_PAUSE_SECONDS = 0.1
_CANCEL_SECONDS = 2.0


class Run(Protocol):
    """A run of Snakemake that is under way."""

    def start_no_more(self) -> None:
        """Start no further job, end when those that run here have ended, and say no more of them."""

    def shells(self) -> list[int]:
        """Process ids of the shells of jobs that run on this machine."""

    def has_jobs_elsewhere(self) -> bool:
        """Whether there is a cluster."""

    def cancel_elsewhere(self) -> str:
        """Cancel what the cluster has of this run; why that failed, empty if it did not."""

    def leave_elsewhere(self) -> None:
        """Do not wait for the cluster to say what became of its jobs."""


class Processes:
    """The processes of jobs that are to end."""

    def __init__(self) -> None:
        """None yet."""
        self._told: dict[psutil.Process, float] = {}

    def end(self, shells: Iterable[int]) -> bool:
        """Tell those to end that were not told yet, kill those whose time is over; whether none is left.

        A process that lost its parent is still known from before.
        """
        left = {process for process in self._told if _is_alive(process)}
        for process in _trees([*_existing(shells), *left]):
            if process not in self._told:
                self._told[process] = time.monotonic()
                _send(process, signal.SIGTERM)
                left.add(process)
        for process in left:
            if time.monotonic() - self._told[process] > GRACE_SECONDS:
                _send(process, signal.SIGKILL)
        return not left


class Stop:
    """Answers the first signal in a thread of its own: Snakemake's may hold the very lock that is needed."""

    def __init__(self, run: Run) -> None:
        """Wait for a signal."""
        self._run, self._processes = run, Processes()
        self._is_over = False
        self._failure = ""
        self.received: signal.Signals | None = None

    def answer(self, number: int, frame: FrameType | None) -> None:
        """The handler; further signals change nothing, for the end that has begun takes seconds."""
        if self.received is None:
            self.received = signal.Signals(number)
            # No daemon: the process lives until the last job is gone.
            threading.Thread(target=self._end).start()

    def comes_too_late(self) -> None:
        """Say nothing: the run has come to its end."""
        self._is_over = True

    def _end(self) -> None:
        assert self.received
        _say(f"{self.received.name}: stopping the jobs, which may take {GRACE_SECONDS:.0f} seconds")
        self._run.start_no_more()
        self._end_elsewhere()
        while not self._processes.end(self._run.shells()) or threading.main_thread().is_alive():
            time.sleep(_PAUSE_SECONDS)
        if self._is_over:
            return
        if self._failure:
            _say(self._failure)
        _say(f"stopped by {self.received.name}: no job runs any more; run the same command again, and it goes on")

    def _end_elsewhere(self) -> None:
        """Cancel again and again until no job can be submitted any more."""
        if not self._run.has_jobs_elsewhere():
            return
        self._failure = self._run.cancel_elsewhere()
        while not self._processes.end(self._run.shells()):
            time.sleep(_PAUSE_SECONDS)
        self._run.leave_elsewhere()
        while threading.main_thread().is_alive():
            self._processes.end(self._run.shells())
            threading.main_thread().join(_CANCEL_SECONDS)
            self._failure = self._run.cancel_elsewhere()


def _existing(pids: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            yield psutil.Process(pid)


def _trees(roots: Iterable[psutil.Process]) -> list[psutil.Process]:
    """The processes, and all that descend from them, each after its parent."""
    found: dict[psutil.Process, None] = {}
    for root in roots:
        if root not in found:
            found[root] = None
            with contextlib.suppress(psutil.Error):
                found.update(dict.fromkeys(root.children(recursive=True)))
    return list(found)


def _is_alive(process: psutil.Process) -> bool:
    """Whether it may still do something; one that is dead waits for its parent to notice."""
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _send(process: psutil.Process, number: int) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # a terminal that was closed
        print(f"multipress: {line}", file=sys.stderr, flush=True)
