"""Which rows of a dev set, and which of their tokens, all models of a task are compared on."""

import hashlib
from dataclasses import dataclass

import numpy as np

from multipress.core.errors import UserError
from multipress.core.files import stable_seed
from multipress.data.tokens import Tokens


@dataclass(frozen=True)
class Sample:
    """Rows of a dev set and tokens of words in them: no [CLS], no [SEP], no padding."""

    tokens: Tokens
    """The rows, in the order of the dev set."""
    rows: np.ndarray
    """int64 of shape (tokens,): the row of each chosen token, by its number in ``tokens``; ascending."""
    positions: np.ndarray
    """int64 of shape (tokens,): its position there."""

    @property
    def digest(self) -> str:
        """The same for the same rows and tokens alone."""
        parts = (self.tokens.idx, self.tokens.ids, self.tokens.offsets, self.rows, self.positions)
        found = hashlib.sha256()
        for part in parts:
            found.update(part.tobytes())
        return found.hexdigest()[:16]


def draw_sample(dev: Tokens, task: str, rows: int, tokens: int) -> Sample:
    """At most so many rows, and at most so many word tokens of them; the task's name alone decides which.

    Raises:
        UserError: the rows have no words.
    """
    generator = np.random.default_rng(stable_seed("dissection", task))
    chosen = dev.take(np.sort(generator.permutation(len(dev))[:rows]))
    in_rows, positions = _words(chosen)
    if not len(in_rows):
        raise UserError(f"the dev set of {task} has no words: its models cannot be compared")
    kept = np.sort(generator.permutation(len(in_rows))[:tokens])
    return Sample(chosen, in_rows[kept], positions[kept])


def _words(tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """Row and position of each token that is neither [CLS] nor a [SEP]."""
    lengths = tokens.lengths
    rows = np.repeat(np.arange(len(tokens)), lengths)
    positions = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    ends = (positions == tokens.first_lengths[rows] - 1) | (positions == lengths[rows] - 1)
    words = (positions > 0) & ~ends
    return rows[words], positions[words]
