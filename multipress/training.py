"""The one training loop: batches, an objective and hooks are handed in; nothing here knows a compression."""

import csv
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from tqdm import tqdm

from multipress.errors import UserError
from multipress.files import replacing

LOGGED_STEPS = 100
"""A training writes about so many lines of history."""


class Batches(Protocol):
    """Training data: a number of batches an epoch, the same for the same epoch number."""

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""

    def epoch(self, number: int) -> Iterator[Any]:
        """The batches of an epoch."""


class Hook(Protocol):
    """What a compression does between steps."""

    sparsity: float

    def before_step(self) -> None:
        """Called when the gradients are there, before they are clipped."""

    def after_step(self, step: int, total: int) -> None:
        """Called after the optimizer's ``step`` of ``total`` steps."""


class Optimization(Protocol):
    """The part of the settings that the loop reads."""

    epochs: float
    learning_rate: float
    warmup_fraction: float
    weight_decay: float
    max_grad_norm: float


@dataclass
class Training:
    """A finished training: what the checkpoint tells about it."""

    steps: int
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Steps, wall seconds and the last logged losses."""
        return {"steps": self.steps, "seconds": round(self.seconds, 2), "last": self.history[-1]}

    def write_history(self, path: Path) -> None:
        """Write the history as CSV: a row for each logged step, losses averaged since the row before."""
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.history[0]))
            writer.writeheader()
            writer.writerows(self.history)


def train(
    model: torch.nn.Module,
    batches: Batches,
    objective: Callable[[torch.nn.Module, Any], dict[str, torch.Tensor]],
    settings: Optimization,
    device: torch.device,
    hooks: Sequence[Hook] = (),
) -> Training:
    """Train ``model`` in place with AdamW, linear warm-up and decay, and gradient clipping.

    Raises:
        UserError: the loss is no longer finite; the message names the step and the learning rate.
    """
    total = max(1, round(settings.epochs * batches.per_epoch))
    model.to(device).train()
    optimizer = _optimizer(model, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate_factor(step, total, settings))
    log = _Log(total, batches.per_epoch, hooks)
    for step, batch in enumerate(_steps(batches, total), start=1):
        losses = objective(model, batch)
        losses["loss"].backward()
        for hook in hooks:
            hook.before_step()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_grad_norm)
        rate = schedule.get_last_lr()[0]
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        for hook in hooks:
            hook.after_step(step, total)
        log.add(step, losses, rate)
    return log.finish()


def _steps(batches: Batches, total: int) -> Iterator[Any]:
    done = 0
    for number in range(math.ceil(total / batches.per_epoch)):
        for batch in batches.epoch(number):
            if done == total:
                return
            yield batch
            done += 1


def _optimizer(model: torch.nn.Module, settings: Optimization) -> torch.optim.Optimizer:
    """AdamW without weight decay on biases and norms, as BERT was trained."""
    decayed = [parameter for parameter in model.parameters() if parameter.ndim >= 2]
    plain = [parameter for parameter in model.parameters() if parameter.ndim < 2]
    groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def _rate_factor(step: int, total: int, settings: Optimization) -> float:
    warmup = settings.warmup_fraction * total
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return max(0.0, (total - step) / max(1.0, total - warmup))


class _Log:
    """Averages losses without a host synchronization at every step, shows progress, keeps the history."""

    def __init__(self, total: int, per_epoch: int, hooks: Sequence[Hook]) -> None:
        self._total, self._per_epoch, self._hooks = total, per_epoch, hooks
        self._every = max(1, total // LOGGED_STEPS)
        self._sums: dict[str, torch.Tensor] = {}
        self._count = 0
        self._last_finite = math.nan
        self._started = time.perf_counter()
        self._bar = tqdm(total=total, unit="step", disable=not sys.stderr.isatty())
        self._training = Training(steps=total)

    def add(self, step: int, losses: dict[str, torch.Tensor], rate: float) -> None:
        for name, loss in losses.items():
            detached = loss.detach()
            self._sums[name] = self._sums[name] + detached if name in self._sums else detached
        self._count += 1
        if step % self._every == 0 or step == self._total:
            self._write(step, rate)

    def _write(self, step: int, rate: float) -> None:
        means = {name: float(total) / self._count for name, total in self._sums.items()}
        if not math.isfinite(means["loss"]):
            raise UserError(
                f"the loss is not finite at step {step} of {self._total} (learning rate {rate:.2e}, last finite loss "
                f"{self._last_finite:.4f}): lower learning_rate or raise warmup_fraction"
            )
        self._last_finite = means["loss"]
        sparsity = max((hook.sparsity for hook in self._hooks), default=0.0)
        row = {
            "step": step,
            "epoch": round(step / self._per_epoch, 4),
            **means,
            "learning_rate": rate,
            "sparsity": sparsity,
        }
        self._training.history.append(row)
        self._bar.update(step - self._bar.n)
        if self._bar.disable and len(self._training.history) % (LOGGED_STEPS // 10) == 0:
            self._print(step, means["loss"])
        self._sums, self._count = {}, 0

    def _print(self, step: int, loss: float) -> None:
        rate = step / (time.perf_counter() - self._started)
        print(f"step {step} of {self._total}: loss {loss:.4f}, {rate:.1f} steps/s", file=sys.stderr, flush=True)

    def finish(self) -> Training:
        self._bar.close()
        self._training.seconds = time.perf_counter() - self._started
        return self._training
