"""Weights on their grid while a model trains: the hook of quantization-aware training."""

from collections.abc import Sequence

import torch

from multipress.compression.quantize.layers import QUANTIZED, round_weights
from multipress.compression.quantize.learned_steps import LearnedQuantizer
from multipress.compression.quantize.rounding import WeightQuantizer, scales_of
from multipress.compression.quantize.signs import SignQuantizer
from multipress.model.bert import BertClassifier
from multipress.training.hooks import Hook
from multipress.training.optimizer import Optimizer


class GridWeights(Hook):
    """A training hook: the model computes with weights on their grid, the optimizer moves the float ones.

    Gradients pass straight through, so the rounding is no part of what is differentiated, and happens once a step for
    all parts of a batch. Tables that are read row by row are left to themselves.
    """

    needs_float32 = True
    """Numbers of bfloat16 have eight significant bits, a scale times an integer needs more."""

    def __init__(self, model: BertClassifier) -> None:
        """Serve the quantized layers of ``model``."""
        tables = model.row_tables()
        self._layers = [module for module in model.modules() if isinstance(module, QUANTIZED) and module not in tables]
        self._weights = [layer.weight for layer in self._layers]
        self._quantizers = [layer.weight_quantizer for layer in self._layers]
        self._floats: list[torch.Tensor] = []
        self._learned = [module for module in model.modules() if isinstance(module, LearnedQuantizer)]
        for quantizer in self._learned:
            quantizer.learn()
        for module in model.modules():
            if isinstance(module, SignQuantizer):
                module.is_settled = False

    def start(self, optimizer: Optimizer) -> None:
        """Make room for the weights on their grids, on the device of the float ones."""
        if not all(map(optimizer.holds, self._weights)):
            raise RuntimeError("a quantized weight is no view of the optimizer's vector: it would not be trained")
        self._grids = [torch.empty_like(weight) for weight in self._weights]
        self._mark(trains_on_grid=True)

    def before_forward(self) -> None:
        """Put the weights on their grids."""
        self._floats = [weight.data for weight in self._weights]
        put_on_grid(self._quantizers, self._floats, self._grids)
        self._set(self._grids)

    def before_update(self) -> None:
        """Give the float weights back."""
        self._set(self._floats)

    def finish(self) -> None:
        """From now on the layers round their weights themselves, and keep the ranges that they learned."""
        self._mark(trains_on_grid=False)
        for quantizer in self._learned:
            quantizer.settle()

    def _set(self, values: list[torch.Tensor]) -> None:
        for weight, value in zip(self._weights, values, strict=True):
            weight.data = value

    def _mark(self, trains_on_grid: bool) -> None:
        for layer in self._layers:
            layer.trains_on_grid = trains_on_grid


class GridKeeper(GridWeights):
    """The hook of later steps that train: at their end the weights are on their grids for good."""

    def __init__(self, model: BertClassifier) -> None:
        """Serve the quantized layers of ``model``."""
        super().__init__(model)
        self._model = model

    def finish(self) -> None:
        """Round the weights."""
        super().finish()
        round_weights(self._model)


def put_on_grid(
    quantizers: Sequence[WeightQuantizer | SignQuantizer],
    weights: Sequence[torch.Tensor],
    grids: Sequence[torch.Tensor],
) -> None:
    """What the quantizers make of the weights in training mode, written to ``grids``."""
    integers: list[tuple[WeightQuantizer, torch.Tensor, torch.Tensor]] = []
    for quantizer, weight, grid in zip(quantizers, weights, grids, strict=True):
        if isinstance(quantizer, SignQuantizer):
            quantizer.write(weight, grid)
        else:
            integers.append((quantizer, weight, grid))
    if integers:
        _put_on_integers(*zip(*integers, strict=True))


@torch.no_grad()
def _put_on_integers(
    quantizers: Sequence[WeightQuantizer], weights: Sequence[torch.Tensor], grids: Sequence[torch.Tensor]
) -> None:
    """``put_on_grid`` for integer grids of the same number of bits, for all weights in few calls."""
    extremes = [quantizer.extremes(weight) for quantizer, weight in zip(quantizers, weights, strict=True)]
    low, high = (torch.cat([part.view(-1) for part in parts]) for parts in zip(*extremes, strict=True))
    scales = scales_of(torch.maximum(-low, high), quantizers[0].limit)
    sizes = [quantizer.scale.numel() for quantizer in quantizers]
    columns = (values[:, None].split(sizes) for values in (scales, scales.reciprocal()))
    for quantizer, weight, grid, scale, inverse in zip(quantizers, weights, grids, *columns, strict=True):
        torch.mul(weight, inverse, out=grid).round_().mul_(scale)
        quantizer.scale.copy_(scale.view_as(quantizer.scale))
