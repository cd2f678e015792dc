"""Rows of token ids, as flat numpy arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy


@dataclass(frozen=True)
class Tokens:
    """Tokenized rows; row i holds ``ids[offsets[i]:offsets[i + 1]]``."""

    ids: numpy.ndarray
    """int32, all rows' token ids one after another."""
    offsets: numpy.ndarray
    """int64 of shape (rows + 1,)."""
    first_lengths: numpy.ndarray
    """int32 of shape (rows,): tokens of segment 0, [CLS] and its [SEP] included."""
    labels: numpy.ndarray
    """float64 of shape (rows,): a class id or a number."""
    idx: numpy.ndarray
    """int64 of shape (rows,): the row's identifier in the task."""
    copies: numpy.ndarray | None = None
    """int64 of shape (rows,): 0 for original rows, the copy's number for augmented ones; None: all are original."""

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.idx)

    @property
    def lengths(self) -> numpy.ndarray:
        """int64 of shape (rows,): tokens of each row."""
        return numpy.diff(self.offsets)

    @property
    def is_copy(self) -> numpy.ndarray:
        """bool of shape (rows,): whether each row is augmented."""
        return numpy.zeros(len(self), bool) if self.copies is None else self.copies > 0

    def take(self, rows: numpy.ndarray) -> "Tokens":
        """The rows of these numbers, in this order."""
        lengths = self.lengths[rows]
        offsets = offsets_of(lengths)
        entries = numpy.arange(offsets[-1]) + numpy.repeat(self.offsets[rows] - offsets[:-1], lengths)
        copies = None if self.copies is None else self.copies[rows]
        return Tokens(self.ids[entries], offsets, self.first_lengths[rows], self.labels[rows], self.idx[rows], copies)


def concatenate(parts: Sequence[Tokens]) -> Tokens:
    """All rows of the parts, in order."""
    return Tokens(
        ids=numpy.concatenate([part.ids for part in parts]),
        offsets=offsets_of(numpy.concatenate([part.lengths for part in parts])),
        first_lengths=numpy.concatenate([part.first_lengths for part in parts]),
        labels=numpy.concatenate([part.labels for part in parts]),
        idx=numpy.concatenate([part.idx for part in parts]),
        copies=numpy.concatenate([part.is_copy if part.copies is None else part.copies for part in parts]),
    )


def offsets_of(lengths: Sequence[int] | numpy.ndarray) -> numpy.ndarray:
    """The start of each row, and the end of the last; int64."""
    return numpy.concatenate([[0], numpy.cumsum(lengths, dtype=numpy.int64)])
