"""How much a model's parts matter: attention heads and neurons of feed-forward blocks."""

from collections.abc import Iterable, Sequence
from functools import partial

import torch
from torch import nn

from multipress.model.bert import BertClassifier
from multipress.model.kept_parts import most_important
from multipress.model.layer_parts import LayerParts
from multipress.training.batches import Batch, RowBatches, first_rows
from multipress.training.importance_settings import ImportanceSettings
from multipress.training.micro_batches import BatchSplitter
from multipress.training.objectives import task_objective


def choose_parts(
    model: BertClassifier, parts: Sequence[LayerParts], count: int, settings: ImportanceSettings, batches: RowBatches
) -> list[list[int]]:
    """Indices of the parts that stay, in order, for each layer; ``count`` of each, or on average (``scope``)."""
    if settings.importance == "magnitude":
        scores = magnitudes(parts)
    else:
        scores = gate_gradients(model, parts, first_rows(batches.epoch(0), settings.importance_rows))
    return most_important([layer.tolist() for layer in scores], count, settings.scope)


def gate_gradients(
    model: BertClassifier, parts: Sequence[LayerParts], batches: Iterable[Batch], power: int = 1
) -> list[torch.Tensor]:
    """How much the task loss depends on each part: shape (parts,), float64, for each layer.

    Each part is multiplied by a gate that is 1. Its score is the sum over rows of the magnitude of the derivative of
    the loss by the gate (Michel et al. 2019), or with ``power`` 2 of its square, the gate's Fisher information (Kwon et
    al. 2022); row by row, so that it does not depend on how rows are batched. The loss is that of the labels, whatever
    the model is trained for: being unlike a teacher tells nothing where the teacher is the model itself. There is no
    dropout; the model is left in evaluation mode.
    """
    model.eval()
    objective = task_objective("regression" if model.config.outputs == 1 else "classification")
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    gates = _Gates(parts, power)
    splitter = BatchSplitter(gates.drop)
    try:
        for parameter in trained:
            parameter.requires_grad_(False)
        for batch in batches:
            splitter.backward(objective, model, batch)
            gates.collect(batch.size)
    finally:
        gates.remove()
        for parameter in trained:
            parameter.requires_grad_(True)
    return gates.scores


class _Gates:
    """Gates before the layers that read the parts, a row of them for each row of a batch.

    A layer that is applied several times has the same gates each time.
    """

    def __init__(self, parts: Sequence[LayerParts], power: int) -> None:
        self._power = power
        self.scores = [torch.zeros(layer.count, dtype=torch.float64) for layer in parts]
        self._open: list[tuple[int, torch.Tensor]] = []
        self._latest: dict[int, torch.Tensor] = {}
        self._hooks = [
            layer.reader.register_forward_pre_hook(partial(self._gate, number, layer.count))
            for number, layer in enumerate(parts)
        ]

    def _gate(self, number: int, count: int, reader: nn.Module, inputs: tuple[torch.Tensor]) -> torch.Tensor:
        values = inputs[0]
        gate = self._latest.get(number)
        if gate is None or gate.grad is not None:  # a gradient is that of the rows before
            gate = values.new_ones(len(values), count, requires_grad=True)
            self._open.append((number, gate))
            self._latest[number] = gate
        return (values.unflatten(-1, (count, -1)) * gate[:, None, :, None]).flatten(-2)

    def collect(self, rows: int) -> None:
        """Add what a batch of so many rows has left in the gates: gradients of its mean loss."""
        for number, gate in self._open:
            assert gate.grad is not None
            self.scores[number] += (gate.grad.double() * rows).abs().pow(self._power).sum(0).cpu()
        self.drop()

    def drop(self) -> None:
        """Forget a batch."""
        self._open.clear()
        self._latest.clear()

    def remove(self) -> None:
        """Leave the layers as they were."""
        for hook in self._hooks:
            hook.remove()


@torch.no_grad()
def magnitudes(parts: Sequence[LayerParts]) -> list[torch.Tensor]:
    """The Euclidean norm of the weights that make or read each part, biases aside: shape (parts,) for each layer."""
    return [_magnitude(layer) for layer in parts]


def _magnitude(layer: LayerParts) -> torch.Tensor:
    matrices = [*(writer.weight for writer in layer.writers), layer.reader.weight.T]
    squares = [matrix.double().square().reshape(layer.count, -1).sum(1) for matrix in matrices]
    return torch.stack(squares).sum(0).sqrt().cpu()
