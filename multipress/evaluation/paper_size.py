"""Model sizes from shapes alone, as in the paper; MB is 10^6 bytes."""

from multipress.model.shape import ArchitectureSpec

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


def _linear(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def _layer_norm(width: int) -> int:
    return 2 * width


def _layer(spec: ArchitectureSpec) -> int:
    attention = 4 * _linear(spec.hidden, spec.hidden)
    feed_forward = _linear(spec.hidden, spec.feed_forward) + _linear(spec.feed_forward, spec.hidden)
    return attention + feed_forward + 2 * _layer_norm(spec.hidden)
