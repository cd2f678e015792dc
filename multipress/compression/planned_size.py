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

    words: tuple[tuple[int, int], ...]
    """The word table, or its factors."""
    places: int
    """Parameters of position and token-type tables and of the embeddings' LayerNorm."""
    layers: tuple[PlannedLayer, ...]
    pooler: int
    depth: int
    """Layers that a row passes: a shared one counts each time."""
    exits: int = 0
    """Parameters of the poolers of exits, which are floats."""
    sparsity: float = 0.0
    """Fraction of the encoder's weights that is zero."""
    bits: int = 32
    index_bits: int = 0
    """Of each of the encoder's weights that stay: where it lies, if the zeros have a pattern."""

    @property
    def embeddings(self) -> int:
        """Parameters of all tables and their LayerNorm."""
        return self.places + sum(rows * columns for rows, columns in self.words)

    @property
    def encoder_weights(self) -> int:
        """Entries of the encoder's matrices: the weights that pruning chooses from."""
        return sum(layer.weights for layer in self.layers)

    @property
    def parameters(self) -> int:
        """All parameters, pruned ones included, and those of exits not."""
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
        words=((vocabulary, hidden),),
        places=(POSITIONS + TOKEN_TYPES) * hidden + 2 * hidden,
        layers=(layer,) * shape.layers,
        pooler=hidden * hidden + hidden,
        depth=shape.layers,
    )


def paper_mb(size: PlannedSize, with_embeddings: bool = True) -> float:
    """Size in MB as in Table 1 and Figure 1 of Movva et al. (2022).

    Every parameter of the backbone counts ``bits`` / 8 bytes, the embeddings included, and pruned weights count
    nothing; where zeros have a pattern, each weight that stays counts the bits of its index, too.
    """
    left_out = 0 if with_embeddings else size.embeddings
    rest = backbone_mb(size.parameters - left_out, size.encoder_weights, size.sparsity, size.bits, size.index_bits)
    return rest + exits_mb(size.exits)


def backbone_mb(parameters: int, encoder_weights: int, sparsity: float, bits: int, index_bits: int = 0) -> float:
    """The formula of ``paper_mb`` for counted parameters, the encoder's weights among them."""
    pruned = sparsity * encoder_weights
    return ((parameters - pruned) * bits + (encoder_weights - pruned) * index_bits) / 8 / 1e6


def exits_mb(parameters: int) -> float:
    """What the poolers of exits add to ``paper_mb``: floats, whatever the bits of the other weights."""
    return parameters * 4 / 1e6
