"""The history of a training, in its log and as a CSV file: losses, rates, scores and speed, step by step."""

import csv
import math
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from multipress.core.errors import UserError
from multipress.core.files import replacing

LOGGED_STEPS = 100
"""Rows of history that a training writes, about; further ones end each epoch."""

Row = dict[str, Any]
"""Numbers by name; None for a dev score that was not asked for."""


class History:
    """Rows of history: losses averaged since the row before, without waiting for the device at every step."""

    def __init__(self, total: int, per_epoch: int) -> None:
        """Expect ``total`` steps, ``per_epoch`` of them an epoch."""
        self.rows: list[Row] = []
        self.rows_seen = 0
        """Training rows in all steps so far, each as often as it was read."""
        self._total, self._per_epoch = total, per_epoch
        self._every = max(1, total // LOGGED_STEPS)
        self._losses: dict[str, list[torch.Tensor]] = {}
        self._rates: list[float] = []
        self._examples = 0
        self._before, self._started = 0.0, time.perf_counter()
        self._row_started = self._started
        self._bar = tqdm(total=total, unit="step", disable=not sys.stderr.isatty())

    @property
    def seconds(self) -> float:
        """Wall seconds of training so far, those before an interruption included."""
        return self._before + time.perf_counter() - self._started

    @property
    def last_epoch_loss(self) -> float:
        """Mean training loss of the steps of the last epoch, of all steps where there was less than one.

        An epoch has every row once, so that trainings on the same rows can be compared by it.
        """
        steps, total = 0, 0.0
        start: Row = {"step": 0}
        for before, row in pairwise([start, *self.rows]):
            if row["step"] > self._total - self._per_epoch:
                length = row["step"] - before["step"]
                steps, total = steps + length, total + length * row["loss"]
        return float(total / steps)

    def is_due(self, step: int) -> bool:
        """Whether a row ends with this step."""
        return step % self._every == 0 or self.ends_epoch(step)

    def ends_epoch(self, step: int) -> bool:
        """Whether an epoch, or the training, ends with this step."""
        return step % self._per_epoch == 0 or step == self._total

    def add(self, losses: Mapping[str, torch.Tensor], rate: float, examples: int) -> None:
        """Note a step: its detached losses, its learning rate, its rows."""
        for name, loss in losses.items():
            self._losses.setdefault(name, []).append(loss)
        self._rates.append(rate)
        self._examples += examples
        self.rows_seen += examples

    def check(self, step: int) -> None:
        """Make sure that the losses noted since the last row are finite; ``step`` is the latest.

        Raises:
            UserError: one is not; the message names its step, its learning rate and the last finite loss.
        """
        noted = self._losses.get("loss")
        losses = torch.stack(noted).tolist() if noted else []
        for index, loss in enumerate(losses):
            if not math.isfinite(loss):
                last = losses[index - 1] if index else (self.rows[-1]["loss"] if self.rows else math.nan)
                raise UserError(
                    f"the loss is not finite at step {step - len(losses) + index + 1} of {self._total} (learning rate "
                    f"{self._rates[index]:.2e}, last finite loss {last:.4f}): lower learning_rate or raise "
                    "warmup_fraction"
                )

    @property
    def row_seconds(self) -> float:
        """Wall seconds since the row before."""
        return time.perf_counter() - self._row_started

    def write_row(self, step: int, sparsity: float, dev_score: float | None, seconds: float) -> None:
        """End a row with this step, whose losses were checked; its training took ``seconds``."""
        means = {name: float(torch.stack(values).double().mean()) for name, values in self._losses.items()}
        row = {
            "step": step,
            "epoch": round(step / self._per_epoch, 4),
            **means,
            "learning_rate": self._rates[-1],
            "sparsity": sparsity,
            "dev_score": dev_score,
            "examples_per_second": round(self._examples / seconds, 1),
        }
        self.rows.append(row)
        self._show_progress(row)
        self._losses, self._rates, self._examples, self._row_started = {}, [], 0, time.perf_counter()

    def _show_progress(self, row: Row) -> None:
        self._bar.update(row["step"] - self._bar.n)
        if not self._bar.disable:
            self._bar.set_postfix(loss=f"{row['loss']:.4f}")
        elif row["dev_score"] is not None or len(self.rows) % (LOGGED_STEPS // 10) == 0:
            score = "" if row["dev_score"] is None else f", dev score {row['dev_score']:.2f}"
            speed = f"{row['examples_per_second']:.0f} examples/s"
            print(
                f"step {row['step']} of {self._total}: loss {row['loss']:.4f}{score}, {speed}",
                file=sys.stderr,
                flush=True,
            )

    def close(self) -> None:
        """End the progress bar."""
        self._bar.close()

    def write(self, path: Path) -> None:
        """Write the rows as CSV; a row without a dev score leaves that field empty."""
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """The losses of the unfinished row as vectors, and the rest as plain values."""
        pending = {name: torch.stack(values) for name, values in self._losses.items()}
        notes = {
            "rows": self.rows,
            "rates": self._rates,
            "examples": self._examples,
            "rows_seen": self.rows_seen,
            "row_seconds": self.row_seconds,
            "seconds": self.seconds,
        }
        return pending, notes

    def load_state(self, pending: Mapping[str, torch.Tensor], notes: Mapping[str, Any]) -> None:
        """Go on from what ``state`` returned."""
        self.rows, self._rates = list(notes["rows"]), list(notes["rates"])
        self._examples, self.rows_seen, self._before = notes["examples"], notes["rows_seen"], notes["seconds"]
        self._row_started = time.perf_counter() - notes["row_seconds"]
        self._losses = {name: list(values.unbind()) for name, values in pending.items()}
        self._bar.update(self.rows[-1]["step"] if self.rows else 0)
