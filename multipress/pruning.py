"""Magnitude pruning of the encoder's linear weights on a linear schedule (Zhu and Gupta 2018, with exponent 1)."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from multipress.config.training import PruneSettings


def prunable_weights(model: nn.Module) -> dict[str, nn.Parameter]:
    """Weight matrices of the encoder's linear layers; embeddings, pooler, classifier, biases and norms are kept."""
    return {
        name: parameter
        for name, parameter in model.named_parameters()
        if ".encoder.layer." in f".{name}" and parameter.ndim == 2
    }


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


def apply_masks(weights: Mapping[str, torch.Tensor], masks: Mapping[str, torch.Tensor]) -> None:
    """Set the pruned weights to zero, in place."""
    with torch.no_grad():
        for name, mask in masks.items():
            weights[name].mul_(mask)


def mask_gradients(weights: Mapping[str, nn.Parameter], masks: Mapping[str, torch.Tensor]) -> None:
    """Zero the gradients of pruned weights: they take part in no step, nor in the norm that is clipped."""
    for name, mask in masks.items():
        gradient = weights[name].grad
        if gradient is not None:
            gradient.mul_(mask)


def _factors(masks: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Masks as numbers: a CPU multiplies by those four times as fast as by booleans."""
    return {name: mask.float() for name, mask in masks.items()}


class Pruner:
    """A training hook that raises the sparsity along the schedule; the mask is final from the ramp's end on."""

    def __init__(self, model: nn.Module, settings: PruneSettings, final: float) -> None:
        """Prune ``model`` to the fraction ``final`` of its encoder's linear weights."""
        self._weights = prunable_weights(model)
        self._settings, self._final = settings, final
        self._masks: dict[str, torch.Tensor] = {}
        self.sparsity = 0.0

    def before_step(self) -> None:
        """Zero the gradients of what is pruned."""
        mask_gradients(self._weights, self._masks)

    def after_step(self, step: int, total: int) -> None:
        """Keep pruned weights at zero, and update the mask when it is due."""
        apply_masks(self._weights, self._masks)
        due = linear_sparsity(step, total, self._settings, self._final)
        if due > self.sparsity and (step % self._settings.update_every == 0 or due == self._final):
            self._masks = _factors(magnitude_masks(self._weights, due, self._settings.scope))
            self.sparsity = due
            apply_masks(self._weights, self._masks)

    def state(self) -> dict[str, torch.Tensor]:
        """The masks, and the sparsity that they reached."""
        return self._masks | {"sparsity": torch.tensor(self.sparsity, dtype=torch.float64)}

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        """Go on with these masks."""
        self.sparsity = float(state["sparsity"])
        devices = {name: weight.device for name, weight in self._weights.items()}
        self._masks = {name: mask.to(devices[name]) for name, mask in state.items() if name != "sparsity"}


class MaskKeeper:
    """A training hook that keeps the zeros of a pruned parent at zero."""

    def __init__(self, model: nn.Module) -> None:
        """Take the masks from the zeros of ``model``."""
        self._weights = prunable_weights(model)
        self._masks = _factors({name: weight.detach() != 0 for name, weight in self._weights.items()})
        kept = sum(int(mask.count_nonzero()) for mask in self._masks.values())
        self.sparsity = 1 - kept / sum(mask.numel() for mask in self._masks.values())

    def before_step(self) -> None:
        """Zero the gradients of what is pruned."""
        mask_gradients(self._weights, self._masks)

    def after_step(self, step: int, total: int) -> None:
        """Zero what the optimizer moved."""
        apply_masks(self._weights, self._masks)

    def state(self) -> dict[str, torch.Tensor]:
        """Nothing: the parent's zeros are there again when the job starts anew."""
        return {}

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        """Nothing to do."""
