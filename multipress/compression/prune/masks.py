"""Magnitude pruning of the encoder's linear weights on a linear schedule (Zhu and Gupta 2018, with exponent 1)."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from multipress.compression.prune.settings import PruneSettings
from multipress.training.zeros import ZeroKeeper


def linear_sparsity(step: int, total: int, settings: PruneSettings, final: float) -> float:
    """Sparsity due after ``step`` of ``total`` steps: 0 until the ramp starts, ``final`` from its end on."""
    progress = (step / total - settings.ramp_start) / (settings.ramp_end - settings.ramp_start)
    return final * min(max(progress, 0.0), 1.0)


def magnitude_masks(weights: Mapping[str, torch.Tensor], sparsity: float, scope: str) -> dict[str, torch.Tensor]:
    """Boolean masks, True where a weight stays, of the weights' shapes.

    Exactly ``round(sparsity * n)`` of the smallest magnitudes go: of each matrix with scope ``layer``, of all
    together with scope ``global``.
    """
    if scope == "layer":
        return {
            name: _keep_largest(weight.detach().abs().flatten(), sparsity).view_as(weight)
            for name, weight in weights.items()
        }
    magnitudes = [weight.detach().abs().flatten() for weight in weights.values()]
    keep = _keep_largest(torch.cat(magnitudes), sparsity).split([len(part) for part in magnitudes])
    return {name: part.view_as(weight) for (name, weight), part in zip(weights.items(), keep, strict=True)}


def _keep_largest(magnitudes: torch.Tensor, sparsity: float) -> torch.Tensor:
    count = round(sparsity * len(magnitudes))
    if count == 0:
        return torch.ones_like(magnitudes, dtype=torch.bool)
    threshold = _smallest(magnitudes, count)
    keep = magnitudes > threshold
    lacking = len(magnitudes) - count - int(keep.count_nonzero())
    if lacking:  # some of those that equal the threshold stay
        keep[(magnitudes == threshold).nonzero()[-lacking:]] = True
    return keep


def _smallest(magnitudes: torch.Tensor, count: int) -> torch.Tensor | float:
    """The ``count``-th smallest; on a CPU, numpy's partition takes a tenth of the time of PyTorch's selection."""
    if magnitudes.device.type == "cpu":
        return float(np.partition(magnitudes.numpy(), count - 1)[count - 1])
    return torch.kthvalue(magnitudes, count).values


class Pruner(ZeroKeeper):
    """A training hook that raises the sparsity along the schedule; the mask is final from the ramp's end on."""

    def __init__(self, model: nn.Module, settings: PruneSettings, final: float) -> None:
        """Prune ``model`` to the fraction ``final`` of its encoder's linear weights."""
        super().__init__(model)
        self._settings, self._final = settings, final

    def after_update(self, step: int, total: int) -> None:
        """Update the mask when it is due."""
        due = linear_sparsity(step, total, self._settings, self._final)
        if due > self.sparsity and (step % self._settings.update_every == 0 or due == self._final):
            self.sparsity = due
            self.keep(magnitude_masks(self.weights, due, self._settings.scope))

    def state(self) -> dict[str, torch.Tensor]:
        """The masks, and the sparsity that they reached."""
        return self.masks | {"sparsity": torch.tensor(self.sparsity, dtype=torch.float64)}

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        """Go on with these masks."""
        self.sparsity = float(state["sparsity"])
        self.keep({name: mask for name, mask in state.items() if name != "sparsity"})
