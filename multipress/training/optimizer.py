"""AdamW (Loshchilov and Hutter 2019) with gradient clipping, as BERT is trained: all weights as one vector.

A BERT has some 40 to 400 parameters; one vector of all makes the norm, the clipping and the update one call each.
On a CPU, large embedding tables are kept apart and updated lazily (``lazy_embedding``).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from multipress.model.layers import Embedding
from multipress.training import adamw
from multipress.training.adamw import Moments
from multipress.training.lazy_embedding import LazyTable, gradient_of
from multipress.training.schedule import learning_rates

LARGE_TABLE = 500_000
"""Entries from which on a table is worth the bookkeeping of lazy rows."""


class OptimizerSettings(Protocol):
    """The part of the settings that the optimizer reads."""

    @property
    def learning_rate(self) -> float:
        """Peak learning rate."""

    @property
    def warmup_fraction(self) -> float:
        """Share of steps with a rising learning rate."""

    @property
    def weight_decay(self) -> float:
        """AdamW's weight decay."""

    @property
    def max_grad_norm(self) -> float:
        """The gradients' norm is clipped to this."""


@dataclass(frozen=True)
class _Group:
    """A part of the vector of all weights, with one weight decay."""

    weights: torch.Tensor
    gradients: torch.Tensor
    moments: Moments
    weight_decay: float


class Optimizer:
    """AdamW over a schedule of known length; no weight decay on biases and norms."""

    def __init__(self, model: nn.Module, settings: OptimizerSettings, total: int) -> None:
        """Take over the weights of ``model``, which is on its device, for ``total`` steps."""
        self._rates = learning_rates(total, settings.learning_rate, settings.warmup_fraction)
        self._max_norm = settings.max_grad_norm
        self._step = 0
        self._tables = [LazyTable(table, self._rates, settings.weight_decay) for table in _lazy_tables(model)]
        lazy = {id(table.weight) for table in _lazy_tables(model)}
        rest = [parameter for parameter in model.parameters() if parameter.requires_grad and id(parameter) not in lazy]
        self._parameters = sorted(rest, key=lambda parameter: parameter.ndim < 2)
        self._weights = _as_one(self._parameters)
        self._gradients = torch.zeros_like(self._weights)
        self._masks: dict[nn.Parameter, torch.Tensor] = {}
        decayed = sum(parameter.numel() for parameter in self._parameters if parameter.ndim >= 2)
        self._groups = [
            _Group(self._weights[part], self._gradients[part], Moments.of(self._weights[part]), decay)
            for part, decay in ((slice(None, decayed), settings.weight_decay), (slice(decayed, None), 0.0))
        ]

    @property
    def learning_rate(self) -> float:
        """The learning rate of the coming step, or of the last one at the end."""
        return float(self._rates[min(self._step, len(self._rates) - 1)])

    def holds(self, weight: torch.Tensor) -> bool:
        """Whether a weight is a view of the vector that the update moves."""
        return weight.untyped_storage().data_ptr() == self._weights.untyped_storage().data_ptr()

    @torch.no_grad()
    def step(self) -> None:
        """Clip the gradients, update the weights, drop the gradients."""
        self._gather()
        gradients = [self._gradients, *(table.gradient() for table in self._tables)]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(part) for part in gradients]))
        factor = (self._max_norm / (norm + 1e-6)).clamp_max(1.0)
        for part in gradients:
            part.mul_(factor)
        for group in self._groups:
            adamw.step(
                group.weights, group.gradients, group.moments, self._step, self.learning_rate, group.weight_decay
            )
        for table in self._tables:
            table.step()
        self.drop_gradients()
        self._step += 1

    def _gather(self) -> None:
        """Bring the gradients into one vector, those of ``keep_zero`` as zeros."""
        if not self._masks:
            torch.cat([gradient_of(parameter).flatten() for parameter in self._parameters], out=self._gradients)
            return
        for parameter, part in zip(self._parameters, _views(self._gradients, self._parameters), strict=True):
            mask, gradient = self._masks.get(parameter), gradient_of(parameter)
            part.copy_(gradient) if mask is None else torch.mul(gradient, mask, out=part)

    @torch.no_grad()
    def keep_zero(self, masks: Mapping[nn.Parameter, torch.Tensor]) -> None:
        """Set weight matrices to zero where their mask is 0, and keep them there; elsewhere it is 1.

        Masks are float tensors of the weights' shapes and replace those of an earlier call. Without a gradient and with
        moments of zero, AdamW does not move a zero; so the price of a step is one product with the gradients.
        """
        self._masks = dict(masks)
        moments = self._groups[0].moments
        matrices = [parameter for parameter in self._parameters if parameter.ndim >= 2]
        first, second = (_views(values, matrices) for values in (moments.first, moments.second))
        for index, parameter in enumerate(matrices):
            if parameter in self._masks:
                for values in (parameter.data, first[index], second[index]):
                    values.mul_(self._masks[parameter])

    def drop_gradients(self) -> None:
        """Forget the gradients of the step in progress."""
        for parameter in self._parameters:
            parameter.grad = None
        for table in self._tables:
            table.drop_gradients()

    @contextmanager
    def current_weights(self) -> Iterator[None]:
        """Within the block the model's weights are those of AdamW; afterwards lazy rows wait again, bits unchanged."""
        kept = [(table, table.weights) for table in self._tables]
        for table, _ in kept:
            table.weights = table.current()
        try:
            yield
        finally:
            for table, weights in kept:
                table.weights = weights

    def finish(self) -> None:
        """Bring every row up to date and give the weights back to the model."""
        for table in self._tables:
            table.finish()
        for parameter in self._parameters:
            parameter.data = parameter.data.clone()

    def state(self) -> dict[str, torch.Tensor]:
        """Moments by name; the weights themselves are the model's."""
        state: dict[str, torch.Tensor] = {}
        for number, group in enumerate(self._groups):
            state |= {f"{number}.exp_avg": group.moments.first, f"{number}.exp_avg_sq": group.moments.second}
        for number, table in enumerate(self._tables):
            state |= {f"table{number}.{name}": value for name, value in table.state().items()}
        return state

    def load_state(self, state: Mapping[str, torch.Tensor], step: int) -> None:
        """Go on after ``step`` steps."""
        self._step = step
        for number, group in enumerate(self._groups):
            group.moments.first.copy_(state[f"{number}.exp_avg"])
            group.moments.second.copy_(state[f"{number}.exp_avg_sq"])
        for number, table in enumerate(self._tables):
            prefix = f"table{number}."
            table.load_state({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}, step)


def _lazy_tables(model: nn.Module) -> list[Embedding]:
    """Large tables on a CPU that the model reads row by row only."""
    tables: list[Embedding] = getattr(model, "row_tables", list)()
    return [table for table in tables if table.weight.device.type == "cpu" and table.weight.numel() >= LARGE_TABLE]


def _as_one(parameters: list[nn.Parameter]) -> torch.Tensor:
    """All parameters in one vector, of which each becomes a view."""
    weights = torch.cat([parameter.detach().flatten() for parameter in parameters])
    for parameter, part in zip(parameters, _views(weights, parameters), strict=True):
        parameter.data = part
    return weights


def _views(vector: torch.Tensor, parameters: list[nn.Parameter]) -> list[torch.Tensor]:
    """The part of each parameter in a vector of them all, in the parameter's shape."""
    parts = vector.split([parameter.numel() for parameter in parameters])
    return [part.view_as(parameter) for part, parameter in zip(parts, parameters, strict=True)]
