"""Trainings that take turns, each in a process of its own: what the machine does besides hits all of them alike."""

import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import torch

from benchmarks.workload import synchronize

PAUSE = 0.002
"""Seconds between turns: threads of the one before may still be waiting for work, awake."""

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Makes a training loop's objective wait for its turns."""


class _Turns:
    """In a training's process: counts its steps, and waits where a turn ends."""

    def __init__(self, pipe: Connection, device: torch.device, steps: int, skipped: int) -> None:
        self._pipe, self._device, self._steps, self._skipped = pipe, device, steps, skipped
        self._count = 0
        self._started = 0.0

    def around(self, objective: Callable[..., Any]) -> Callable[..., Any]:
        """The objective, the calls of which begin a step."""

        def waiting(*arguments: Any) -> Any:
            if self._count >= self._skipped and (self._count - self._skipped) % self._steps == 0:
                self._wait()
            self._count += 1
            return objective(*arguments)

        return waiting

    def _wait(self) -> None:
        synchronize(self._device)
        self._pipe.send((time.perf_counter() - self._started) / self._steps)
        self._pipe.recv()
        self._started = time.perf_counter()


def _train(
    training: Callable[[Wrap], None], pipe: Connection, device: torch.device, threads: int, steps: int, skipped: int
) -> None:
    torch.set_num_threads(threads)
    training(_Turns(pipe, device, steps, skipped).around)


def seconds_in_turns(
    trainings: Sequence[tuple[Callable[[Wrap], None], int]], turns: int, device: torch.device, threads: int
) -> list[list[float]]:
    """Seconds a step of each training in each turn.

    A training comes with its number of warm-up steps; it must be picklable, call what it is given on its objective, and
    take more steps than the turns. A turn is one step, or 20 on a GPU, which runs behind the calls.
    """
    steps = 20 if device.type == "cuda" else 1
    context, pipes, processes = get_context("spawn"), [], []
    for training, skipped in trainings:
        ours, theirs = context.Pipe()
        arguments = (training, theirs, device, threads, steps, skipped)
        processes.append(context.Process(target=_train, args=arguments, daemon=True))
        processes[-1].start()
        ours.recv()  # warmed up
        pipes.append(ours)
    seconds: list[list[float]] = [[] for _ in trainings]
    for turn in range(turns):
        for place in range(len(pipes)):
            one = (turn + place) % len(pipes)  # another one begins each time, and follows another
            time.sleep(PAUSE)
            pipes[one].send(None)
            seconds[one].append(pipes[one].recv())
    for process in processes:
        process.kill()  # a training would answer a milder signal by saving its state
        process.join()
    return seconds
