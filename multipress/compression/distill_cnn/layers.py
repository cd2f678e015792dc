"""Filters over neighbouring words, and the largest answer of each in a text (Kim 2014)."""

import torch
from torch import nn
from torch.nn import functional

from multipress.compression.distill_cnn.sizes import FILTERS, WINDOWS
from multipress.model.layers import Linear


class Convolutions(nn.Module):
    """Filters of several windows, each window as a linear layer of its vectors side by side.

    Each word of a text is the middle of a window; what stands before and after the text is zero.
    """

    features = FILTERS * len(WINDOWS)

    def __init__(self, width: int) -> None:
        """Read vectors of this width."""
        super().__init__()
        self.filters = nn.ModuleList(Linear(window * width, FILTERS) for window in WINDOWS)

    def forward(self, vectors: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """The largest answers, shape (texts, features); negative ones are 0."""
        length = vectors.shape[1]
        present = (torch.arange(length, device=vectors.device) < lengths[:, None])[..., None]
        around = max(WINDOWS) // 2
        padded = functional.pad(vectors * present, (0, 0, around, around))
        found = []
        for window, filters in zip(WINDOWS, self.filters, strict=True):
            first = around - (window - 1) // 2
            side_by_side = torch.cat([padded[:, first + place :][:, :length] for place in range(window)], -1)
            found.append(filters(side_by_side).masked_fill(~present, -torch.inf).amax(1))
        return torch.relu(torch.cat(found, -1))
