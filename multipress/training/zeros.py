"""Weights that a method set to zero, kept at zero while the model trains on."""

from collections.abc import Mapping

import torch
from torch import nn

from multipress.training.hooks import Hook
from multipress.training.optimizer import Optimizer


def prunable_weights(model: nn.Module) -> dict[str, nn.Parameter]:
    """Weight matrices of the encoder's linear layers; embeddings, pooler, classifier, biases and norms are kept."""
    return {
        name: parameter
        for name, parameter in model.named_parameters()
        if ".encoder.layer." in f".{name}" and parameter.ndim == 2
    }


class ZeroKeeper(Hook):
    """Has the optimizer keep the weights of a mask at zero."""

    def __init__(self, model: nn.Module) -> None:
        """Serve the prunable weights of ``model``, with no zero so far."""
        self.weights = prunable_weights(model)
        self.masks: dict[str, torch.Tensor] = {}

    def start(self, optimizer: Optimizer) -> None:
        """Remember who keeps the zeros."""
        self._optimizer = optimizer
        self.keep(self.masks)

    def keep(self, masks: Mapping[str, torch.Tensor]) -> None:
        """From now on these; as numbers, for a CPU multiplies by those four times as fast as by booleans."""
        self.masks = {name: mask.to(self.weights[name]) for name, mask in masks.items()}
        self._optimizer.keep_zero({self.weights[name]: mask for name, mask in self.masks.items()})


class MaskKeeper(ZeroKeeper):
    """A training hook that keeps the zeros that a model has at zero; when a job goes on, they are there again."""

    def __init__(self, model: nn.Module) -> None:
        """Take the masks from the zeros of ``model``."""
        super().__init__(model)
        self.masks = {name: weight.detach() != 0 for name, weight in self.weights.items()}
        kept = sum(int(mask.count_nonzero()) for mask in self.masks.values())
        self.sparsity = 1 - kept / sum(mask.numel() for mask in self.masks.values())
