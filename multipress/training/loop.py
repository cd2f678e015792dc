"""The one training loop: batches, an objective and hooks are handed in; nothing here knows a compression."""

import math
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch

from multipress.core.devices import described
from multipress.core.errors import Interrupted
from multipress.training.history import History
from multipress.training.hooks import Hook
from multipress.training.micro_batches import BatchSplitter, Losses, Splittable
from multipress.training.optimizer import Optimizer, OptimizerSettings
from multipress.training.saved_states import KEPT, StateFolder
from multipress.training.signals import Interruption
from multipress.training.snapshot import Snapshot

Model = TypeVar("Model", bound=torch.nn.Module)


class Batches(Protocol):
    """Training data: a number of batches an epoch, the same for the same epoch number."""

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""

    def epoch(self, number: int, first: int = 0) -> Iterator[Splittable]:
        """The batches of an epoch, from the ``first`` on."""


class Settings(OptimizerSettings, Protocol):
    """The part of the settings that the loop reads."""

    @property
    def epochs(self) -> float:
        """Passes over the training data."""


@dataclass(frozen=True)
class TrainingContext(Generic[Model]):
    """The device of a training, and the parts that it runs with."""

    device: torch.device
    hooks: Sequence[Hook] = ()
    bfloat16: bool = False
    """Compute products in bfloat16; weights and updates stay in float32."""
    states: StateFolder | None = None
    """The states to save and to resume from; None: none."""
    dev_score: Callable[[Model], float] | None = None
    """Called at the end of each epoch."""
    saves_end: bool = False
    """Save the state after the last step, too: more trainings follow in the job, and resuming those needs this one."""


@dataclass(frozen=True)
class Training:
    """A finished training; its summary is the checkpoint's training.json."""

    steps: int
    seconds: float
    micro_batch: int | None
    """Rows computed at once, where memory did not suffice for a batch."""
    trained_on: str
    """The device; of a resumed training, the last one."""
    history: History = field(repr=False)

    @property
    def rows_seen(self) -> int:
        """Training rows in all steps, each as often as it was read."""
        return self.history.rows_seen

    def summary(self) -> dict[str, Any]:
        """Steps, rows seen, wall seconds, rows at once, the device and the last row of the history."""
        return {
            "steps": self.steps,
            "rows_seen": self.rows_seen,
            "seconds": round(self.seconds, 2),
            "micro_batch": self.micro_batch,
            "trained_on": self.trained_on,
            "last": self.history.rows[-1],
        }

    def write_history(self, path: Path) -> None:
        """Write the history as CSV."""
        self.history.write(path)


def train(
    model: Model,
    batches: Batches,
    objective: Callable[[Model, Any], Losses],
    settings: Settings,
    context: TrainingContext[Model],
) -> Training:
    """Train ``model`` in place with AdamW, linear warm-up and decay, and gradient clipping.

    Raises:
        UserError: the loss is no longer finite, or not even one row fits into memory.
        Interrupted: SIGTERM or Ctrl-C; the state is saved.
    """
    total = max(1, round(settings.epochs * batches.per_epoch))
    model.to(context.device).train()
    optimizer = Optimizer(model, settings, total)
    for hook in context.hooks:
        hook.start(optimizer)
    history = History(total, batches.per_epoch)
    micro_batches = BatchSplitter(optimizer.drop_gradients)
    snapshot = Snapshot(model, optimizer, context.hooks, history, micro_batches)
    done = _resume(snapshot, context.states, total)
    with Interruption() as interruption:
        for step, batch in enumerate(_remaining(batches, done, total), start=done + 1):
            for hook in context.hooks:
                hook.before_forward()
            with torch.autocast(context.device.type, torch.bfloat16, enabled=context.bfloat16):
                losses = micro_batches.backward(objective, model, batch)
            rate = optimizer.learning_rate
            for hook in context.hooks:
                hook.before_update()
            optimizer.step()
            for hook in context.hooks:
                hook.after_update(step, total)
            history.add(losses, rate, batch.size)
            if history.is_due(step):
                _end_row(step, model, optimizer, history, context)
            if step == total and not context.saves_end:
                break  # a signal comes too late: what is left to do takes less time than going on from a state
            if context.states and (context.states.is_due or interruption.requested or step == total):
                history.check(step)
                context.states.save(step, *snapshot.take(), kept=1 if step == total else KEPT)
            if interruption.requested:
                raise _interrupted(step, total, interruption.requested, context.states)
    optimizer.finish()
    for hook in context.hooks:
        hook.finish()
    history.close()
    return Training(total, history.seconds, micro_batches.rows, described(context.device), history)


def _resume(snapshot: Snapshot, states: StateFolder | None, total: int) -> int:
    """Steps that are already done."""
    found = states.load() if states else None
    if found is None:
        return 0
    step, tensors, notes = found
    snapshot.restore(step, tensors, notes)
    print(f"resuming at step {step} of {total}", file=sys.stderr, flush=True)
    return step


def _remaining(batches: Batches, done: int, total: int) -> Iterator[Splittable]:
    """The batches of steps ``done + 1`` to ``total``."""
    for number in range(done // batches.per_epoch, math.ceil(total / batches.per_epoch)):
        for batch in batches.epoch(number, done % batches.per_epoch):
            if done == total:
                return
            yield batch
            done += 1


def _end_row(step: int, model: Model, optimizer: Optimizer, history: History, context: TrainingContext[Model]) -> None:
    history.check(step)  # before the score: of weights that are not finite there is none
    seconds, score = history.row_seconds, None
    if context.dev_score and history.ends_epoch(step):
        with optimizer.current_weights():
            score = context.dev_score(model)
        model.train()
    history.write_row(step, max((hook.sparsity for hook in context.hooks), default=0.0), score, seconds)


def _interrupted(step: int, total: int, received: signal.Signals, states: StateFolder | None) -> Interrupted:
    kept = "its state is saved, the next run goes on from there" if states else "nothing is saved"
    return Interrupted(f"{received.name} received after step {step} of {total}: {kept}", received)
