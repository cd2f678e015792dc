"""Everything that the rest of a training depends on, gathered from its parts and given back to them."""

from collections.abc import Sequence
from typing import Any

import torch

from multipress.core.tensor_files import Tensors
from multipress.training.history import History
from multipress.training.hooks import Hook
from multipress.training.micro_batches import BatchSplitter
from multipress.training.optimizer import Optimizer


class Snapshot:
    """Weights and buffers, moments, masks, observers, random numbers, history: a training between two steps.

    The position in the data follows from the step; taking a snapshot changes no bit of the training.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        optimizer: Optimizer,
        hooks: Sequence[Hook],
        history: History,
        micro_batches: BatchSplitter,
    ) -> None:
        """Take and restore the states of these."""
        self._model, self._optimizer, self._hooks = model, optimizer, hooks
        self._history, self._micro_batches = history, micro_batches

    def take(self) -> tuple[Tensors, dict[str, Any]]:
        """Tensors by name, and plain values."""
        pending, notes = self._history.state()
        parts = {"model": self._weights(), "optimizer": self._optimizer.state(), "loss": pending, "random": _random()}
        parts |= {f"hook{number}": hook.state() for number, hook in enumerate(self._hooks)}
        tensors = {f"{part}.{name}": tensor for part, values in parts.items() for name, tensor in values.items()}
        return tensors, {"history": notes, "micro_batches": self._micro_batches.state()}

    def restore(self, step: int, tensors: Tensors, notes: dict[str, Any]) -> None:
        """Bring everything to where it was after ``step`` steps."""
        parts: dict[str, Tensors] = {}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts.setdefault(part, {})[rest] = tensor
        for name, tensor in self._weights().items():
            tensor.copy_(parts["model"][name])
        self._optimizer.load_state(parts["optimizer"], step)
        for number, hook in enumerate(self._hooks):
            hook.load_state(parts.get(f"hook{number}", {}))
        self._history.load_state(parts.get("loss", {}), notes["history"])
        self._micro_batches.load_state(notes["micro_batches"])
        _set_random(parts["random"])

    def _weights(self) -> Tensors:
        """Parameters and all buffers, also those that a checkpoint leaves out."""
        named = [*self._model.named_parameters(), *self._model.named_buffers()]
        return {name: tensor.detach() for name, tensor in named}


def _random() -> Tensors:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _set_random(states: Tensors) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
