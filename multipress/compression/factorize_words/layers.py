"""A word table that is the product of two smaller matrices."""

import torch
from torch import nn

from multipress.model.layers import Embedding, Linear
from multipress.model.low_rank import best_factors


class FactoredEmbedding(nn.Module):
    """``second(first(ids))``: a row of ``rank`` numbers for each word, and from those to the hidden size."""

    first: Embedding
    second: Linear

    def __init__(self, words: int, rank: int, hidden: int, padding: int | None) -> None:
        """Make both with arbitrary weights; ``padding`` is the word whose row stays zero."""
        super().__init__()
        self.first = Embedding(words, rank, padding_idx=padding)
        self.second = Linear(rank, hidden, bias=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Rows of the product, shape (…, hidden), for ids of shape (…)."""
        return self.second(self.first(ids))


@torch.no_grad()
def factored_words(table: nn.Embedding, rank: int) -> FactoredEmbedding:
    """The best approximation of a table by factors of that rank, on its device."""
    rows, columns = best_factors(table.weight, rank)
    words = FactoredEmbedding(table.num_embeddings, rank, table.embedding_dim, table.padding_idx).to(table.weight)
    words.first.weight.copy_(rows)
    words.second.weight.copy_(columns.T)
    if table.padding_idx is not None:
        words.first.weight[table.padding_idx] = 0
    return words
