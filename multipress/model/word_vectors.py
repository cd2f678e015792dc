"""Word vectors of fewer entries, made from those of an encoder."""

import torch

from multipress.model.layers import Embedding

_SPREAD = 0.3
"""Root mean square of the entries, about that of published word vectors: an encoder's are a tenth of it, since a
LayerNorm stands behind them, and layers of usual initial weights would hardly see them."""


@torch.no_grad()
def projected(table: torch.Tensor, width: int) -> torch.Tensor:
    """Rows of a table in the ``width`` directions in which they differ most, shape (rows, width), in double precision.

    These are the singular vectors of the table less its mean row (principal components). The largest entry of each is
    positive, for their signs are up to nobody. Computed on the CPU, so that every device gets the same.

    Raises:
        ValueError: the table has fewer columns.
    """
    columns = table.shape[1]
    if width > columns:
        raise ValueError(
            f"has word vectors of {width} numbers, but the encoder's have {columns}: use at most {columns}"
        )
    values = table.detach().double().cpu()
    values = values - values.mean(0)
    directions = torch.linalg.eigh(values.T @ values).eigenvectors.flip(-1)[:, :width]
    largest = directions.gather(0, directions.abs().argmax(0, keepdim=True))
    return values @ (directions * largest.sign())


def smaller_table(table: Embedding, width: int) -> Embedding:
    """A table of as many words with projected vectors of the usual spread; that of padding is zero.

    Raises:
        ValueError: as ``projected``.
    """
    vectors = projected(table.weight, width)
    vectors *= _SPREAD / vectors.square().mean().sqrt().clamp_min(torch.finfo(torch.float64).tiny)
    found = Embedding(len(vectors), width, table.padding_idx, _weight=vectors.float())
    if table.padding_idx is not None:
        with torch.no_grad():
            found.weight[table.padding_idx] = 0
    return found
