"""Pruned models whose encoder multiplies by compressed sparse rows."""

import copy
import warnings

import torch
from torch import nn

from multipress.model.bert import BertClassifier
from multipress.model.layers import Linear


class SparseLinear(nn.Module):
    """A linear layer for inference whose weight is ``torch.sparse_csr``, shape (outputs, inputs)."""

    weight: torch.Tensor
    bias: torch.Tensor | None

    def __init__(self, linear: nn.Linear) -> None:
        """Take over the numbers of ``linear``."""
        super().__init__()
        self.register_buffer("weight", _rows(linear.weight.detach()))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """As ``nn.Linear``; written as sparse times dense, which is the product that libraries have."""
        columns = values.flatten(0, -2).t()
        product = (self.weight @ columns).t().unflatten(0, values.shape[:-1])
        return product if self.bias is None else product.add_(self.bias)


def with_sparse_linears(model: BertClassifier) -> BertClassifier:
    """A copy of a float model in evaluation mode, its encoder's linear layers sparse.

    Its logits are those of ``model`` but for rounding. Embeddings, pooler and classifier stay dense.
    """
    sparse = copy.deepcopy(model).eval()
    encoder = sparse.bert.encoder
    for name, module in list(encoder.named_modules()):
        if isinstance(module, Linear):
            encoder.set_submodule(name, SparseLinear(module))
    return sparse


def _rows(weight: torch.Tensor) -> torch.Tensor:
    with warnings.catch_warnings():
        # PyTorch calls the layout a beta.
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support", category=UserWarning)
        return weight.to_sparse_csr()
