"""AdamW on an embedding table that touches only the rows of the batch, with the numbers of AdamW on the whole table.

A row without a gradient still moves: weight decay shrinks it, and the momentum of its last gradient fades over the
following steps. Both follow from the step at which the row was last current, so a row can wait until it is read again
and then make up for all steps that it missed at once. A text has a few hundred different tokens, a vocabulary 30,522:
on a CPU, updating all of them is half the time of a step of a small model.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from multipress.model.layers import Embedding
from multipress.training import adamw
from multipress.training.adamw import BETAS, EPSILON, Moments

EAGER_STEPS = 64
"""Steps in which no row waits: the bias correction still changes fast."""


def gradient_of(leaf: torch.Tensor) -> torch.Tensor:
    """The gradient that a backward pass has left at a parameter, or at values that were read."""
    assert leaf.grad is not None, "no backward pass has reached these values"
    return leaf.grad


class MissedSteps:
    """What AdamW does to a row from one step to a later one while its gradient is zero.

    With first and second moments m and v at step s, step k moves the row by
    ``-lr_k m b1^(k-s) / (1 - b1^k) / (sqrt(v b2^(k-s) / (1 - b2^k)) + eps)`` after shrinking it by ``1 - lr_k decay``.
    The sum over k is taken as ``m weight / (sqrt(v) flatness + eps)``: exact for one missed step, and for more where
    eps is negligible or dominant. In between it is off by the variance of the bias correction while b1^k fades: by less
    than 1e-3 of the movement from step ``EAGER_STEPS`` on, where gradients are as small as eps.
    """

    def __init__(self, rates: np.ndarray, weight_decay: float) -> None:
        """Prepare the sums for the learning rates of all steps, float64 of shape (steps,)."""
        steps = np.arange(1, len(rates) + 1)
        first, second = BETAS
        self._shrinkage = np.concatenate([[0.0], np.cumsum(np.log1p(-rates * weight_decay))])
        moved = rates / (1 - first**steps)
        self._weights = self._sums_to_the_end(moved, first, rates * weight_decay)
        corrected = moved * np.sqrt(1 - second**steps)
        self._corrected = self._sums_to_the_end(corrected, first / np.sqrt(second), rates * weight_decay)

    @staticmethod
    def _sums_to_the_end(terms: np.ndarray, fading: float, shrinking: np.ndarray) -> np.ndarray:
        """For each step s the sum over k > s of ``terms_k fading^(k-s)``, undoing the decay of steps s+1 to k."""
        sums = np.zeros(len(terms) + 1)
        for step in range(len(terms) - 1, -1, -1):
            sums[step] = fading * (terms[step] + sums[step + 1]) / (1 - shrinking[step])
        return sums

    def between(self, last: np.ndarray, now: int) -> tuple[np.ndarray, ...]:
        """Factor of the row, weight, flatness, factors of m and v, each of the shape of ``last``."""
        gap = now - last
        shrinkage = np.exp(self._shrinkage[now] - self._shrinkage[last])
        first, second = BETAS
        weight = shrinkage * self._weights[last] - first**gap * self._weights[now]
        ratio = first / np.sqrt(second)
        corrected = shrinkage * self._corrected[last] - ratio**gap * self._corrected[now]
        flatness = np.where(gap > 0, weight / np.where(gap > 0, corrected, 1.0), 1.0)
        return shrinkage, weight, flatness, first**gap, second**gap


@dataclass(frozen=True)
class _Reading:
    """Rows that a forward pass read: their numbers, current values and moments."""

    rows: torch.Tensor
    values: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor


class LazyTable:
    """The rows of an embedding table and their moments, each current as of its own step."""

    def __init__(self, table: Embedding, rates: np.ndarray, weight_decay: float) -> None:
        """Take over the reading and the optimization of ``table``."""
        self._table, self._rates, self._decay = table, rates, weight_decay
        self._missed = MissedSteps(rates, weight_decay)
        self._moments = Moments.of(self.weights)
        self._last = np.zeros(len(self.weights), dtype=np.int64)
        self._now = 0
        self._readings: list[_Reading] = []
        table.reader = self._read

    @property
    def weights(self) -> torch.Tensor:
        """The table as it stands, shape (rows, columns); some rows may wait."""
        return self._table.weight.data

    @weights.setter
    def weights(self, values: torch.Tensor) -> None:
        self._table.weight.data = values

    def _read(self, ids: torch.Tensor) -> torch.Tensor:
        rows, positions = torch.unique(ids, return_inverse=True)
        reading = self._current(rows)
        self._readings.append(reading)
        padding = self._table.padding_idx
        padding_position = None if padding is None or rows[0] != padding else 0
        return functional.embedding(positions, reading.values.requires_grad_(), padding_position)

    def gradient(self) -> torch.Tensor:
        """The gradient of the rows that have one, shape (rows, columns); writing to it changes what ``step`` does."""
        self._readings = [reading for reading in self._readings if reading.values.grad is not None]
        if len(self._readings) > 1:
            self._readings = [self._merged()]
        return gradient_of(self._readings[0].values)

    def drop_gradients(self) -> None:
        """Forget what was read since the last step."""
        self._readings = []

    def _merged(self) -> _Reading:
        """One reading for those of several parts of a batch."""
        rows, positions = torch.unique(torch.cat([reading.rows for reading in self._readings]), return_inverse=True)
        merged = self._current(rows)
        gradients = torch.cat([gradient_of(reading.values) for reading in self._readings])
        merged.values.grad = torch.zeros_like(merged.values).index_add_(0, positions, gradients)
        return merged

    @torch.no_grad()
    def step(self) -> None:
        """One step of AdamW."""
        (reading,) = self._readings
        self._now += 1
        if self._now <= EAGER_STEPS:
            self._step_all_rows(reading)
        else:
            self._step_rows_with_gradient(reading)

    def _step_all_rows(self, reading: _Reading) -> None:
        gradient = torch.zeros_like(self.weights).index_copy_(0, reading.rows, gradient_of(reading.values))
        rate = float(self._rates[self._now - 1])
        adamw.step(self.weights, gradient, self._moments, self._now - 1, rate, self._decay)
        self._last[:] = self._now

    def _step_rows_with_gradient(self, reading: _Reading) -> None:
        rate, gradient = self._rates[self._now - 1], gradient_of(reading.values)
        first = reading.first.lerp_(gradient, 1 - BETAS[0])
        second = reading.second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        denominator = (second / (1 - BETAS[1] ** self._now)).sqrt_().add_(EPSILON)
        moved = reading.values.detach().mul_(1 - rate * self._decay)
        moved.addcdiv_(first, denominator, value=-rate / (1 - BETAS[0] ** self._now))
        self._put(_Reading(reading.rows, moved, first, second))

    def _put(self, reading: _Reading) -> None:
        values = (reading.values, reading.first, reading.second)
        for target, value in zip((self.weights, *self._moments), values, strict=True):
            target.index_copy_(0, reading.rows, value)
        self._last[reading.rows.numpy()] = self._now

    @torch.no_grad()
    def _current(self, rows: torch.Tensor) -> _Reading:
        factors = self._missed.between(self._last[rows.numpy()], self._now)
        shrinkage, weight, flatness, *fading = (torch.from_numpy(values).float()[:, None] for values in factors)
        first, second = (moment.index_select(0, rows) for moment in self._moments)
        moved = self.weights.index_select(0, rows).mul_(shrinkage)
        moved.addcdiv_(first * weight, (second.sqrt() * flatness).add_(EPSILON), value=-1)
        return _Reading(rows, moved, first.mul_(fading[0]), second.mul_(fading[1]))

    def _waiting(self) -> torch.Tensor:
        return torch.from_numpy(np.flatnonzero(self._last < self._now))

    def finish(self) -> None:
        """Make all rows current, and let go of the table."""
        self._put(self._current(self._waiting()))
        self._table.reader = None

    def current(self) -> torch.Tensor:
        """The whole table as AdamW would have it now; nothing is changed."""
        reading = self._current(self._waiting())
        return self.weights.index_copy(0, reading.rows, reading.values)

    def state(self) -> dict[str, torch.Tensor]:
        """What a later process needs to go on with the same bits; the weights are the model's."""
        first, second = self._moments
        return {"first": first, "second": second, "last": torch.from_numpy(self._last)}

    def load_state(self, state: Mapping[str, torch.Tensor], step: int) -> None:
        """Go on after ``step`` steps."""
        for moment, name in zip(self._moments, ("first", "second"), strict=True):
            moment.copy_(state[name])
        self._last[:] = state["last"].numpy()
        self._now = step
