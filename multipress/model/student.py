"""A small model without attention in place of a BERT: word vectors, one layer that reads them, one dense layer.

Both texts of a pair are read by the same layers, each on its own, and the classifier gets u, v, |u - v| and u * v of
their vectors (Conneau et al. 2017; Tang et al. 2019 distill such students).
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, cast

import torch
from torch import nn

from multipress.model.bert import Bert, BertClassifier, Dense
from multipress.model.config import STUDENT
from multipress.model.layers import Dropout, Embedding
from multipress.model.student_shape import DENSE, PARTS_OF_PAIR


class Texts(NamedTuple):
    """Texts of a batch, each from the first position on."""

    ids: torch.Tensor
    """int64 of shape (texts, length); 0 after the end of a text."""
    lengths: torch.Tensor
    """int64 of shape (texts,); of an empty text 1, and its only token is padding."""


def read_texts(ids: torch.Tensor, mask: torch.Tensor | None, segments: torch.Tensor | None, with_pairs: bool) -> Texts:
    """The texts of rows of shape (rows, length), padded at their ends; of pairs all first texts, then all second ones.

    Special tokens stay where they are: a first text has [CLS] and [SEP], a second one [SEP].
    """
    present = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask.bool()
    lengths = present.sum(1)
    if with_pairs:
        of_second = torch.zeros_like(lengths) if segments is None else (present & segments.bool()).sum(1)
        of_first = lengths - of_second
        places = torch.arange(ids.shape[1], device=ids.device) + of_first[:, None]
        seconds = ids.gather(1, places.clamp_max(ids.shape[1] - 1))
        ids, lengths = torch.cat([ids, seconds]), torch.cat([of_first, of_second])
    longest = int(lengths.max())
    ended = torch.arange(longest, device=ids.device) >= lengths[:, None]
    return Texts(ids[:, :longest].masked_fill(ended, 0), lengths.clamp_min(1))


class Reader(Protocol):
    """The layer that reads word vectors: a module with a vector for each text, whatever its padding holds."""

    features: int
    """Entries of that vector."""

    def __call__(self, vectors: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Shape (texts, features) from word vectors of shape (texts, length, width) and lengths of shape (texts,)."""


class WordVectors(nn.Module):
    """The table of words, by the name that a BERT gives it; there are no positions."""

    word_embeddings: Embedding

    def __init__(self, table: Embedding, dropout: float) -> None:
        """Take over a table."""
        super().__init__()
        self.word_embeddings = table
        self.dropout = Dropout(dropout)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Vectors of shape (texts, length, width)."""
        return self.dropout(self.word_embeddings(ids))


class ReadingLayers(nn.Module):
    """The one layer, by the name that a BERT gives its list of layers."""

    def __init__(self, reader: nn.Module) -> None:
        """Hold the layer."""
        super().__init__()
        self.layer = nn.ModuleList([reader])

    @property
    def layers(self) -> list[nn.Module]:
        """The layers as they are applied."""
        return list(self.layer)

    @property
    def order(self) -> list[int]:
        """The index in ``layer`` of each layer that is applied."""
        return [0]


class Student(nn.Module):
    """The backbone: it takes the place of a ``Bert`` and has the parts that are counted, quantized and stored."""

    def __init__(self, table: Embedding, reader: nn.Module, with_pairs: bool, dropout: float) -> None:
        """Read texts, or pairs of them, with this table and layer."""
        super().__init__()
        self.embeddings = WordVectors(table, dropout)
        self.encoder = ReadingLayers(reader)
        self.pooler = Dense(cast(Reader, reader).features, DENSE)
        self.with_pairs = with_pairs

    @property
    def reader(self) -> Reader:
        """The layer that reads the word vectors."""
        return cast(Reader, self.encoder.layer[0])

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        first_only: bool = False,
    ) -> torch.Tensor:
        """The vector of each text, shape (texts, features); of a pair's texts one after all others."""
        texts = read_texts(input_ids, attention_mask, token_type_ids, self.with_pairs)
        return self.reader(self.embeddings(texts.ids), texts.lengths)

    def pool(self, features: torch.Tensor) -> torch.Tensor:
        """What the classifier gets of each row, shape (rows, entries)."""
        pooled = torch.relu(self.pooler(features))
        if not self.with_pairs:
            return pooled
        first, second = pooled.chunk(2)
        return torch.cat([first, second, (first - second).abs(), first * second], -1)


def become_student(
    model: BertClassifier, table: Embedding, reader_of: Callable[[int], nn.Module], with_pairs: bool
) -> None:
    """Put a student with random weights, but for its word vectors, in the place of a classifier's BERT.

    Its configuration, the only one that is stored, says the width; ``reader_of`` makes the layer from it.
    """
    config, width = model.config, table.embedding_dim
    config.model_type, config.architectures = STUDENT, []
    config.hidden_size, config.intermediate_size = width, DENSE
    config.num_hidden_layers = config.num_attention_heads = 1
    student = Student(table, reader_of(width), with_pairs, config.hidden_dropout_prob)
    model.bert = cast(Bert, student)  # whose parts are those that any recipe's reader of models asks for
    model.classifier = nn.Linear(DENSE * (PARTS_OF_PAIR if with_pairs else 1), config.outputs)
