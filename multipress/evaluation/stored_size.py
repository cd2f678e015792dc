"""Model sizes from what must be stored, in MB of 10^6 bytes: as deployed, and at the least."""

from collections.abc import Iterable

from multipress.deployment.stored_tensors import StoredTensor
from multipress.evaluation.entropy import entropy_bytes


def deployed_mb(tensors: Iterable[StoredTensor], sparsity: float, index_bits: int = 0) -> float:
    """Size of a whole classifier as it would be deployed: its head, scales and unquantized parts included.

    Of an encoder's matrix the fraction ``sparsity`` is gone; zeros that rounding made count, as they do in unpruned
    models. Where the others lie costs ``index_bits`` each, if the zeros have a pattern that runtimes know, and nothing
    otherwise: ``packed_mb`` pays for that.
    """
    return sum(_entries(tensor, sparsity) * _bits(tensor, index_bits) / 8 for tensor in tensors) / 1e6


def _bits(tensor: StoredTensor, index_bits: int) -> float:
    return tensor.bits_in_memory + (index_bits if tensor.is_prunable else 0)


def _entries(tensor: StoredTensor, sparsity: float) -> int:
    if tensor.is_range:
        return 2
    return round(tensor.values.size * (1 - sparsity)) if tensor.is_prunable else tensor.values.size


def entropy_mb(tensors: Iterable[StoredTensor]) -> float:
    """What a perfect code for single entries would take: the sum of the tensors' order-0 entropies."""
    return sum(map(entropy_bytes, tensors)) / 1e6


def without_embeddings(tensors: Iterable[StoredTensor]) -> list[StoredTensor]:
    """The tensors of encoder, pooler and head."""
    return [tensor for tensor in tensors if not tensor.is_embedding]
