"""Model sizes from shapes and counts alone; MB is 10^6 bytes, and every size says which definition it follows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from multipress.config.architectures import ArchitectureSpec

POSITIONS = 512
TOKEN_TYPES = 2
FLOAT_BYTES = 4


def embedding_parameters(spec: ArchitectureSpec, vocabulary: int = 30522) -> int:
    """Parameters of the embeddings: word, position and token-type tables and their LayerNorm."""
    return (vocabulary + POSITIONS + TOKEN_TYPES) * spec.hidden + _layer_norm(spec.hidden)


def backbone_parameters(spec: ArchitectureSpec, vocabulary: int = 30522) -> int:
    """Parameters of a BERT with its pooler and without a head, biases included (Devlin et al. 2019)."""
    pooler = _linear(spec.hidden, spec.hidden)
    return embedding_parameters(spec, vocabulary) + spec.layers * _layer(spec) + pooler


def encoder_linear_weights(spec: ArchitectureSpec) -> int:
    """The prunable weights: four attention and two feed-forward matrices in each layer, without biases."""
    return spec.layers * (4 * spec.hidden**2 + 2 * spec.hidden * spec.feed_forward)


def paper_mb(
    spec: ArchitectureSpec, vocabulary: int, sparsity: float, bits: int, with_embeddings: bool = True
) -> float:
    """Size in MB as in Table 1 and Figure 1 of Movva et al. (2022).

    Every parameter of the backbone counts ``bits`` / 8 bytes, the embeddings included, and the pruned fraction
    ``sparsity`` of the encoder's linear weights counts nothing.
    """
    parameters = backbone_parameters(spec, vocabulary) - sparsity * encoder_linear_weights(spec)
    if not with_embeddings:
        parameters -= embedding_parameters(spec, vocabulary)
    return parameters * bits / 8 / 1e6


@dataclass(frozen=True)
class TensorCount:
    """A named tensor of a model, as far as its size depends on it."""

    name: str
    size: int
    """Entries."""
    nonzero: int
    """Entries that are not zero."""


def deployed_mb(
    tensors: Iterable[TensorCount],
    bits: int,
    scales: Mapping[str, int],
    pruned: Collection[str],
    with_embeddings: bool = True,
) -> float:
    """Size in MB of a whole classifier as it would be deployed, its head included.

    Where pruned entries lie costs nothing here; ``packed_mb`` pays for that.

    Args:
        tensors: Every parameter of the classifier; buffers that ship with it, such as activation ranges, too.
        bits: Bits of a quantized entry; everything that is not quantized takes 32.
        scales: How many float32 scales each quantized tensor has, by its name.
        pruned: Names of the tensors whose zeros are not stored.
        with_embeddings: Whether tensors below a module named ``embeddings`` count.

    Raises:
        ValueError: a quantized or pruned name is not among the tensors.
    """
    counted = {tensor.name: tensor for tensor in tensors}
    if unknown := (scales.keys() | set(pruned)) - counted.keys():
        raise ValueError(f"no tensor is named {', '.join(sorted(unknown))}")
    return (
        sum(
            _stored_bytes(tensor, bits if name in scales else 8 * FLOAT_BYTES, scales.get(name, 0), name in pruned)
            for name, tensor in counted.items()
            if with_embeddings or "embeddings" not in name.split(".")
        )
        / 1e6
    )


def _stored_bytes(tensor: TensorCount, bits: int, scales: int, is_pruned: bool) -> float:
    entries = tensor.nonzero if is_pruned else tensor.size
    return entries * bits / 8 + scales * FLOAT_BYTES


def _linear(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def _layer_norm(width: int) -> int:
    return 2 * width


def _layer(spec: ArchitectureSpec) -> int:
    attention = 4 * _linear(spec.hidden, spec.hidden)
    feed_forward = _linear(spec.hidden, spec.feed_forward) + _linear(spec.feed_forward, spec.hidden)
    return attention + feed_forward + 2 * _layer_norm(spec.hidden)
