"""A bidirectional LSTM over word vectors (Hochreiter and Schmidhuber 1997; as a student, Tang et al. 2019)."""

from typing import Any

import torch
from torch import nn

from multipress.compression.distill_bilstm.sizes import DIRECTIONS, GATES, STATES
from multipress.model.layers import Linear

_FORGET = 2
"""Place of the forget gate in ONNX's order: input, output, forget, cell."""

_TO_TORCH = [0, 2, 3, 1]
"""Where PyTorch's gates are in ONNX's order: input, forget, cell, output."""


class BiLstm(nn.Module):
    """Both directions; each ends with a text's own last or first word.

    Rows of the matrices are the gates in the order of ONNX's LSTM, those of the forward direction first.
    """

    features = DIRECTIONS * STATES

    def __init__(self, width: int) -> None:
        """Read vectors of this width; forget gates start open (Jozefowicz et al. 2015)."""
        super().__init__()
        self.inputs = Linear(width, DIRECTIONS * GATES * STATES)
        self.states = Linear(STATES, DIRECTIONS * GATES * STATES, bias=False)
        # No runtime multiplies integers inside of an LSTM: rounding what it reads would cost accuracy for nothing.
        self.inputs.reads_floats = self.states.reads_floats = True
        with torch.no_grad():
            self.inputs.bias.view(DIRECTIONS, GATES, STATES)[:, _FORGET] = 1

    def forward(self, vectors: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """The last state of each direction, shape (texts, features)."""
        steps = torch.arange(vectors.shape[1], device=vectors.device)
        backwards = (lengths[:, None] - 1 - steps).clamp_min(0)
        turned = vectors.gather(1, backwards[..., None].expand_as(vectors))
        weights = zip(*map(_by_direction, (self.inputs.kernel(), self.states.kernel(), self.inputs.bias)), strict=True)
        both = zip((vectors, turned), weights, strict=True)
        return torch.cat([_last_states(values, lengths, *parts) for values, parts in both], -1)


def _by_direction(stored: torch.Tensor) -> Any:
    """For each direction what PyTorch wants of a matrix or a bias: its gates in PyTorch's order."""
    gates = stored.unflatten(0, (DIRECTIONS, GATES, STATES))[:, _TO_TORCH]
    return gates.flatten(1, 2).unbind()


def _last_states(
    vectors: torch.Tensor, lengths: torch.Tensor, inputs: torch.Tensor, states: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """The state after each text's last vector; what stands after it is read in vain."""
    zero = vectors.new_zeros(1, len(vectors), STATES)
    weights = [inputs, states, bias, torch.zeros_like(bias)]
    found = torch.lstm(vectors, (zero, zero), weights, True, 1, 0.0, torch.is_grad_enabled(), False, True)[0]
    return found[torch.arange(len(found), device=found.device), lengths - 1]
