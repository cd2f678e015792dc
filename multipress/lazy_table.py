"""AdamW on an embedding table that touches only the rows of the batch, with the numbers of AdamW on the whole table.

A row without a gradient still moves: weight decay shrinks it, and the momentum of its last gradient fades over the
following steps. Both follow from the step at which the row was last current, so a row can wait until it is read again
and then make up for all steps that it missed at once. A text has a few hundred different tokens, a vocabulary 30,522:
on a CPU, updating all of them is half the time of a step of a small model.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

BETAS = (0.9, 0.999)
EPSILON = 1e-8
EAGER_STEPS = 64
"""So long no row waits: the bias correction still changes fast."""


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


class LazyTable:
    """The rows of an embedding table and their moments, each current as of its own step."""

    def __init__(self, table: nn.Embedding, rates: np.ndarray, weight_decay: float) -> None:
        """Take over the optimization of ``table``: its gradients become sparse, rows are made current when read."""
        self._table, self._rates, self._decay = table, rates, weight_decay
        self._missed = MissedSteps(rates, weight_decay)
        self._moments = torch.zeros_like(table.weight.detach()), torch.zeros_like(table.weight.detach())
        self._last = np.zeros(len(table.weight), dtype=np.int64)
        self._now = 0
        table.sparse = True
        self._handle = table.register_forward_pre_hook(self._before_reading)

    def _before_reading(self, module: nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
        if module.training:
            self._refresh(torch.unique(arguments[0]).numpy())

    @property
    def weights(self) -> torch.Tensor:
        """The table as it stands, shape (rows, columns); some rows may wait."""
        return self._table.weight.data

    @weights.setter
    def weights(self, values: torch.Tensor) -> None:
        self._table.weight.data = values

    def gradient(self) -> torch.Tensor:
        """The gradient's values, shape (rows with a gradient, columns); writing to them changes the gradient."""
        self._table.weight.grad = self._table.weight.grad.coalesce()
        return self._table.weight.grad.values()

    @torch.no_grad()
    def step(self) -> None:
        """One step of AdamW."""
        self._now += 1
        if self._now <= EAGER_STEPS:
            self._step_all_rows()
        else:
            self._step_rows_with_gradient()
        self._table.weight.grad = None

    def _step_all_rows(self) -> None:
        weights = nn.Parameter(self.weights)
        weights.grad = self._table.weight.grad.to_dense()
        adamw = torch.optim.AdamW([weights], float(self._rates[self._now - 1]), BETAS, EPSILON, self._decay, fused=True)
        first, second = self._moments
        adamw.state[weights] = {"step": torch.tensor(self._now - 1.0), "exp_avg": first, "exp_avg_sq": second}
        adamw.step()
        self._last[:] = self._now

    def _step_rows_with_gradient(self) -> None:
        weight, gradient = self._table.weight, self._table.weight.grad
        rows, values = gradient.indices()[0], gradient.values()
        first, second = (moment[rows] for moment in self._moments)
        first.lerp_(values, 1 - BETAS[0])
        second.mul_(BETAS[1]).addcmul_(values, values, value=1 - BETAS[1])
        rate = self._rates[self._now - 1]
        denominator = (second / (1 - BETAS[1] ** self._now)).sqrt_().add_(EPSILON)
        moved = weight[rows].mul_(1 - rate * self._decay)
        moved.addcdiv_(first, denominator, value=-rate / (1 - BETAS[0] ** self._now))
        self._put(rows, moved, first, second)

    def _put(self, rows: torch.Tensor, *values: torch.Tensor) -> None:
        for target, value in zip((self._table.weight.detach(), *self._moments), values, strict=True):
            target.index_copy_(0, rows, value)
        self._last[rows.numpy()] = self._now

    @torch.no_grad()
    def _refresh(self, rows: np.ndarray) -> None:
        rows = rows[self._last[rows] < self._now]
        if len(rows):
            where = torch.from_numpy(rows)
            self._put(where, *self._current(where, self._last[rows]))

    def _current(self, rows: torch.Tensor, last: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        factors = self._missed.between(last, self._now)
        shrinkage, weight, flatness, *fading = (torch.from_numpy(values).float()[:, None] for values in factors)
        first, second = (moment[rows] for moment in self._moments)
        moved = self._table.weight.detach()[rows] * shrinkage
        moved.addcdiv_(first * weight, (second.sqrt() * flatness).add_(EPSILON), value=-1)
        return moved, first.mul_(fading[0]), second.mul_(fading[1])

    @torch.no_grad()
    def finish(self) -> None:
        """Make all rows current, and let go of the table."""
        self._refresh(np.arange(len(self._last)))
        self._handle.remove()
        self._table.sparse = False

    def current(self) -> torch.Tensor:
        """The whole table as AdamW would have it now; nothing is changed."""
        rows = np.flatnonzero(self._last < self._now)
        result = self._table.weight.detach().clone()
        where = torch.from_numpy(rows)
        result[where] = self._current(where, self._last[rows])[0]
        return result

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
