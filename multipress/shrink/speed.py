"""How many rows a second a training of the encoder gets through on this machine, by some steps of it."""

from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from time import perf_counter
from typing import NamedTuple

import numpy as np

from multipress.core.subprocesses import call_in_own_process
from multipress.data.tokens import Tokens
from multipress.model.shape import ArchitectureSpec

SECONDS = 4.0
"""Of measuring, where steps are that short."""

_FEWEST, _MOST = 2, 200
"""Steps."""


class Speed(NamedTuple):
    """Of a plain training step, on a GPU where there is one."""

    rows_per_second: float
    threads: int
    """Of the CPU."""


def fastest(
    shape: ArchitectureSpec, vocabulary: int, lengths: np.ndarray, batch_size: int, threads: Sequence[int]
) -> Speed:
    """The speed with one of these numbers of threads: more are slower where a model is small or the machine is used.

    Args:
        shape: Of the encoder.
        vocabulary: Rows of its word table.
        lengths: Tokens of some of the rows, as they are cut.
        batch_size: Rows of a step.
        threads: Numbers to try, of which the fastest is taken.
    """
    work = shape, vocabulary, lengths, batch_size
    return max(Speed(call_in_own_process(_measure, *work, number), number) for number in dict.fromkeys(threads))


def _measure(shape: ArchitectureSpec, vocabulary: int, lengths: np.ndarray, batch_size: int, threads: int) -> float:
    from multipress.core import devices
    from multipress.data.prepared import PreparedTask
    from multipress.model.build import new_classifier
    from multipress.training.batches import RowBatches
    from multipress.training.loop import TrainingContext, train
    from multipress.training.objectives import task_objective
    from multipress.training.settings import StartSettings

    device = devices.prepare("auto", threads, seed=0)
    task = PreparedTask(kind="classification", labels=["0", "1"])
    model = new_classifier(shape, vocabulary, task, dropout=0.1)
    batches = RowBatches(_random_rows(lengths, vocabulary, batch_size), batch_size, 0, device)

    def seconds(steps: int) -> float:
        started = perf_counter()
        settings = StartSettings(epochs=steps / batches.per_epoch, batch_size=batch_size)
        with redirect_stderr(StringIO()):  # the history's lines are of no training of the user's
            train(model, batches, task_objective("classification"), settings, TrainingContext(device))
        return perf_counter() - started

    seconds(1)  # chooses kernels and reserves memory
    first = seconds(1)
    steps = int(np.clip(SECONDS / first, _FEWEST, _MOST))
    return steps * batch_size / seconds(steps)


def _random_rows(lengths: np.ndarray, vocabulary: int, batch_size: int) -> Tokens:
    """Rows of these lengths for a hundred batches, over which lengths are sorted."""
    from multipress.training.batches import POOL

    generator = np.random.default_rng(0)
    drawn = generator.choice(lengths, size=POOL * batch_size)
    return Tokens(
        ids=generator.integers(1, vocabulary, size=int(drawn.sum()), dtype=np.int32),
        offsets=np.concatenate([[0], np.cumsum(drawn)]).astype(np.int64),
        first_lengths=drawn.astype(np.int32),
        labels=np.zeros(len(drawn)),
        idx=np.arange(len(drawn)),
    )
