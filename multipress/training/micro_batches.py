"""Gradients of a batch in as many parts as memory asks for."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch

from multipress.core.errors import UserError, is_out_of_memory

Losses = dict[str, torch.Tensor]
"""Scalar losses by name; ``loss`` is the one that is minimized."""


class Splittable(Protocol):
    """A batch that can be computed in parts."""

    @property
    def size(self) -> int:
        """Rows of the batch."""

    def split(self, rows: int) -> Sequence[tuple["Splittable", float]]:
        """Parts of at most ``rows`` rows, with their shares of the mean loss."""


class BatchSplitter:
    """Runs batches whole, or in parts once a batch did not fit into memory: the gradients add up to the batch's."""

    def __init__(self, drop_gradients: Callable[[], None]) -> None:
        """Run batches whole; ``drop_gradients`` makes the model forget those of a batch that did not fit."""
        self._drop_gradients = drop_gradients
        self.rows: int | None = None
        """Rows computed at once; None: all."""

    def backward(self, objective: Callable[[Any, Any], Losses], model: torch.nn.Module, batch: Splittable) -> Losses:
        """Add the gradients of the batch's mean loss to the model's; return the detached mean losses.

        Raises:
            UserError: not even one row fits into memory.
        """
        while True:
            try:
                return self._backward_in_parts(objective, model, batch)
            except (torch.OutOfMemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
            # Outside the except block: until the error is gone, its frames hold on to the memory.
            self._halve(batch.size)
            self._drop_gradients()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _backward_in_parts(
        self, objective: Callable[[Any, Any], Losses], model: torch.nn.Module, batch: Splittable
    ) -> Losses:
        parts = [(batch, 1.0)] if self.rows is None or batch.size <= self.rows else batch.split(self.rows)
        sums: Losses = {}
        for part, share in parts:
            losses = {name: loss * share for name, loss in objective(model, part).items()}
            losses["loss"].backward()
            for name, loss in losses.items():
                sums[name] = sums[name] + loss.detach() if name in sums else loss.detach()
        return sums

    def _halve(self, size: int) -> None:
        current = min(size, self.rows or size)
        if current == 1:
            raise UserError("out of memory with a single row at a time: use a smaller architecture or another device")
        self.rows = -(-current // 2)
        print(f"out of memory: going on with {self.rows} rows at a time", file=sys.stderr, flush=True)

    def state(self) -> dict[str, Any]:
        """The values that a later process needs to go on."""
        return {"rows": self.rows}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on with the same parts."""
        self.rows = state["rows"]
