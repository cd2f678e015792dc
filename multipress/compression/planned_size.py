"""The size of a model that does not exist yet, from its architecture and its recipe; MB is 10^6 bytes."""

from dataclasses import dataclass, replace

from multipress.model.shape import ArchitectureSpec

POSITIONS = 512
TOKEN_TYPES = 2
VOCABULARY = 30522
"""Entries of the vocabulary of all uncased BERTs."""


@dataclass(frozen=True)
class PlannedLayer:
    """An encoder layer: shapes of its weight matrices, and how many further parameters it has."""

    matrices: tuple[tuple[int, int], ...]
    """(outputs, inputs) of query, key, value and attention's output, then of both feed-forward layers; or factors."""
    others: int
    heads: int

    @property
    def weights(self) -> int:
        """Entries of the matrices."""
        return sum(rows * columns for rows, columns in self.matrices)


@dataclass(frozen=True)
class PlannedSize:
    """Parameters of a BERT with its pooler and without a head, as a recipe leaves them."""

    embeddings: int
    """Word, position and token-type tables and their LayerNorm."""
    layers: tuple[PlannedLayer, ...]
    pooler: int
    sparsity: float = 0.0
    """Fraction of the encoder's weights that is zero."""
    bits: int = 32

    @property
    def encoder_weights(self) -> int:
        """Entries of the encoder's matrices: the weights that pruning chooses from."""
        return sum(layer.weights for layer in self.layers)

    @property
    def parameters(self) -> int:
        """All parameters, pruned ones included."""
        return self.embeddings + self.encoder_weights + sum(layer.others for layer in self.layers) + self.pooler

    def with_layers(self, layers: tuple[PlannedLayer, ...]) -> "PlannedSize":
        """The same model with other encoder layers."""
        return replace(self, layers=layers)


def planned_size(shape: ArchitectureSpec, vocabulary: int = VOCABULARY) -> PlannedSize:
    """The uncompressed BERT of a shape, biases included (Devlin et al. 2019)."""
    hidden, wide = shape.hidden, shape.feed_forward
    biases, norms = 4 * hidden + wide + hidden, 2 * 2 * hidden
    layer = PlannedLayer(((hidden, hidden),) * 4 + ((wide, hidden), (hidden, wide)), biases + norms, shape.heads)
    return PlannedSize(
        embeddings=(vocabulary + POSITIONS + TOKEN_TYPES) * hidden + 2 * hidden,
        layers=(layer,) * shape.layers,
        pooler=hidden * hidden + hidden,
    )


def paper_mb(size: PlannedSize, with_embeddings: bool = True) -> float:
    """Size in MB as in Table 1 and Figure 1 of Movva et al. (2022).

    Every parameter of the backbone counts ``bits`` / 8 bytes, the embeddings included, and pruned weights count
    nothing.
    """
    return backbone_mb(
        size.parameters, size.encoder_weights, 0 if with_embeddings else size.embeddings, size.sparsity, size.bits
    )


def backbone_mb(parameters: int, encoder_weights: int, left_out: int, sparsity: float, bits: int) -> float:
    """The formula of ``paper_mb`` for counted parameters, ``left_out`` of which do not count."""
    return (parameters - sparsity * encoder_weights - left_out) * bits / 8 / 1e6
