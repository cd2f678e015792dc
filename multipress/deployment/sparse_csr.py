"""Pruned models whose encoder multiplies by compressed sparse rows."""

import copy
import warnings

import torch
from torch import nn

from multipress.model.bert import BertClassifier, SelfAttention
from multipress.model.layers import Linear


class SparseSelfAttention(SelfAttention):
    """Self-attention whose projections are sparse: there are as many products as projections."""

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor | None, first_only: bool) -> torch.Tensor:
        """As ``SelfAttention``."""
        projected = self.query(hidden[:, :1] if first_only else hidden), self.key(hidden), self.value(hidden)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in projected)
        return self._mix(query, key, value, mask).transpose(1, 2).flatten(-2)


class SparseLinear(nn.Module):
    """A linear layer for inference whose weight is ``torch.sparse_csr``, shape (outputs, inputs)."""

    def __init__(self, linear: nn.Linear) -> None:
        """Take over the numbers of ``linear``."""
        super().__init__()
        self.register_buffer("weight", _rows(linear.weight.detach()))
        self.register_buffer("bias", linear.bias.detach())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """As ``nn.Linear``; written as sparse times dense, which is the product that libraries have."""
        columns = values.flatten(0, -2).t()
        return (self.weight @ columns).t().add_(self.bias).unflatten(0, values.shape[:-1])


def with_sparse_linears(model: BertClassifier) -> BertClassifier:
    """A copy of a float model in evaluation mode, its encoder's linear layers sparse.

    Its logits are those of ``model`` but for rounding. Embeddings, pooler and classifier stay dense.
    """
    sparse = copy.deepcopy(model).eval()
    encoder = sparse.bert.encoder
    for name, module in list(encoder.named_modules()):
        if isinstance(module, Linear):
            encoder.set_submodule(name, SparseLinear(module))
        elif isinstance(module, SelfAttention):
            module.__class__ = SparseSelfAttention
    return sparse


def _rows(weight: torch.Tensor) -> torch.Tensor:
    with warnings.catch_warnings():
        # PyTorch calls the layout a beta.
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support", category=UserWarning)
        return weight.to_sparse_csr()
