"""Second moments of what linear layers multiply: which errors of their matrices matter."""

from collections.abc import Iterable, Mapping

import torch
from torch import nn

from multipress.model.bert import BertClassifier
from multipress.training.batches import Batch


class _Mask:
    """Which positions of the batch in progress hold tokens; None: all."""

    values: torch.Tensor | None = None


class _Observed(nn.Module):
    """A linear layer that sums up the products of its inputs.

    No ``Linear``: of those several are computed in one product, which passes them by.
    """

    def __init__(self, linear: nn.Linear, mask: _Mask) -> None:
        """Observe a layer, on its device."""
        super().__init__()
        self._linear, self._mask = linear, mask
        size = linear.in_features
        self.moments = torch.zeros(size, size, dtype=torch.float64, device=linear.weight.device)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The layer's outputs for values of shape (rows, length or 1, inputs)."""
        mask = self._mask.values
        # Of length 1 they are the states of first tokens, which no row lacks.
        tokens = values.flatten(0, 1) if mask is None or values.shape[1] == 1 else values[mask]
        self.moments += tokens.T @ tokens  # a batch in single precision: half the time, and no sum of many
        return self._linear(values)


@torch.no_grad()
def second_moments(
    model: BertClassifier, linears: Mapping[str, nn.Linear], batches: Iterable[Batch]
) -> dict[str, torch.Tensor]:
    """Sums of x xᵀ over the inputs x of a model's layers, float64 of shape (inputs, inputs), padding left out.

    The model is as before, in evaluation mode.
    """
    mask = _Mask()
    observed = {name: _Observed(linear, mask) for name, linear in linears.items()}
    _put(model, observed)
    model.eval()
    for batch in batches:
        mask.values = batch.attention_mask
        model(**batch.inputs)
    _put(model, linears)
    return {name: layer.moments for name, layer in observed.items()}


def _put(model: BertClassifier, layers: Mapping[str, nn.Module]) -> None:
    for name, layer in layers.items():
        model.set_submodule(name, layer)
