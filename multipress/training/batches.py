"""Batches of rows of similar length: padding is the main cost of small models on short texts."""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch

from multipress.core.errors import UserError
from multipress.core.files import stable_seed
from multipress.data.token_files import read_tokens
from multipress.data.tokens import Tokens, concatenate

POOL = 100
"""Batches in a shuffled pool, within which rows are sorted by length."""

GPU_LENGTHS = 8
"""On a GPU, lengths are multiples of this: tensor cores work on such."""


@dataclass(frozen=True)
class Batch:
    """``size`` rows padded to their longest: int64 (size, length) ids and segments, float32 (size,) labels.

    The mask is a boolean (size, length) tensor, or None where no row is padded; segments are None where all are 0.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor | None
    token_type_ids: torch.Tensor | None
    labels: torch.Tensor
    teacher_logits: torch.Tensor | None = None
    is_copy: torch.Tensor | None = None
    """Boolean (size,): whether each row is augmented; None where the training rows have no copies."""

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.input_ids)

    @property
    def inputs(self) -> dict[str, torch.Tensor | None]:
        """Keyword arguments of a BERT."""
        return {
            "input_ids": self.input_ids,
            "attention_mask": self.attention_mask,
            "token_type_ids": self.token_type_ids,
        }

    def split(self, rows: int) -> list[tuple["Batch", float]]:
        """Batches of at most ``rows`` rows, each with its share of the batch's mean loss."""
        tensors = {field.name: getattr(self, field.name) for field in fields(self)}
        pieces = {name: tensor.split(rows) for name, tensor in tensors.items() if tensor is not None}
        parts = [replace(self, **dict(zip(pieces, piece, strict=True))) for piece in zip(*pieces.values(), strict=True)]
        return [(part, part.size / self.size) for part in parts]


class Rows:
    """Tokenized rows on the device that computes: moved there once, and cut into batches without waiting for it."""

    def __init__(self, tokens: Tokens, device: torch.device, teacher_logits: np.ndarray | None = None) -> None:
        """Take ``teacher_logits`` of shape (rows, outputs), or None."""
        self.lengths = tokens.lengths
        self.has_pairs = bool((tokens.first_lengths < self.lengths).any())
        self._step = 1 if device.type == "cpu" else GPU_LENGTHS
        self._device = device
        self._ids = self._to_device(tokens.ids)
        self._offsets, self._lengths = self._to_device(tokens.offsets[:-1]), self._to_device(self.lengths)
        self._first_lengths = self._to_device(tokens.first_lengths)
        self._labels = self._to_device(tokens.labels.astype(np.float32))
        self._logits = None if teacher_logits is None else self._to_device(teacher_logits)
        self._is_copy = self._to_device(tokens.is_copy) if tokens.is_copy.any() else None

    def _to_device(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array if array.flags.writeable else array.copy()).to(self._device)

    def index(self, rows: np.ndarray) -> torch.Tensor:
        """Row numbers on the device, for ``batch``."""
        return torch.from_numpy(rows).to(self._device)

    def batch(self, rows: np.ndarray, index: torch.Tensor | None = None) -> Batch:
        """Pad the given rows to the longest of them; the padding id is 0, as in every BERT vocabulary.

        ``index`` holds the same numbers on the device, where they are there already.
        """
        index = self.index(rows) if index is None else index
        lengths = self.lengths[rows]
        longest = -(-int(lengths.max()) // self._step) * self._step
        positions = torch.arange(longest, device=self._device)
        mask = positions < self._lengths[index, None]
        entries = (self._offsets[index, None] + positions).clamp_max(len(self._ids) - 1)
        return Batch(
            input_ids=self._ids[entries].long().masked_fill_(~mask, 0),
            attention_mask=None if lengths.min() == longest else mask,
            token_type_ids=self._segments(index, positions, mask) if self.has_pairs else None,
            labels=self._labels[index],
            teacher_logits=None if self._logits is None else self._logits[index],
            is_copy=None if self._is_copy is None else self._is_copy[index],
        )

    def _segments(self, index: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return ((positions >= self._first_lengths[index, None]) & mask).long()


def shuffled(is_copy: np.ndarray, seed: int) -> np.ndarray:
    """Row numbers in random order, in which copies leave the originals' order among themselves as it is without them.

    So a model that learns from copies, too, meets the originals in the order of its peer that does not.
    """
    originals = np.random.default_rng(stable_seed(seed, "originals")).permutation(np.flatnonzero(~is_copy))
    generator = np.random.default_rng(stable_seed(seed, "copies"))
    order = np.empty(len(is_copy), np.int64)
    places = generator.permutation(is_copy)
    order[~places], order[places] = originals, generator.permutation(np.flatnonzero(is_copy))
    return order


def epoch_order(lengths: np.ndarray, batch_size: int, seed: int, is_copy: np.ndarray | None = None) -> list[np.ndarray]:
    """Row numbers of each batch of an epoch: every row once, neighbours in length together, batches shuffled."""
    order = shuffled(np.zeros(len(lengths), bool) if is_copy is None else is_copy, seed)
    generator = np.random.default_rng(stable_seed(seed, "batches"))
    batches: list[np.ndarray] = []
    for start in range(0, len(order), POOL * batch_size):
        pool = order[start : start + POOL * batch_size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[first : first + batch_size] for first in range(0, len(pool), batch_size)]
    return [batches[number] for number in generator.permutation(len(batches))]


class RowBatches:
    """The rows of a task as training batches, with the teacher's logits where there are any."""

    def __init__(
        self,
        tokens: Tokens,
        batch_size: int,
        seed: int,
        device: torch.device,
        teacher_logits: np.ndarray | None = None,
    ) -> None:
        """Take ``teacher_logits`` of shape (rows, outputs), or None.

        Raises:
            UserError: there are fewer rows than one batch takes.
        """
        if len(tokens) < batch_size:
            raise UserError(
                f"{len(tokens)} training rows are fewer than one batch of {batch_size}: lower batch_size or add rows"
            )
        self._rows = Rows(tokens, device, teacher_logits)
        self._tokens, self._logits, self._device = tokens, teacher_logits, device
        self._copied = tokens.is_copy
        self._batch_size, self._seed = batch_size, seed

    def with_seed(self, seed: int) -> "RowBatches":
        """The same rows, in the orders of another seed."""
        other = copy(self)
        other._seed = seed
        return other

    def hold_out(self, share: float) -> tuple["RowBatches", Tokens]:
        """Batches of the other rows, and this share of the original rows: the same ones for all seeds.

        Copies of rows that are held out are in neither.

        Raises:
            UserError: the other rows are fewer than one batch takes.
        """
        tokens = self._tokens
        originals = np.flatnonzero(~self._copied)
        chosen = np.random.default_rng(stable_seed("held out")).permutation(originals)
        held = np.sort(chosen[: max(1, round(share * len(originals)))])
        rest = np.flatnonzero(~np.isin(tokens.idx, tokens.idx[held]))
        logits = None if self._logits is None else self._logits[rest]
        batches = RowBatches(tokens.take(rest), self._batch_size, self._seed, self._device, logits)
        return batches, tokens.take(held)

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return int(self._rows.lengths.max())

    @property
    def has_pairs(self) -> bool:
        """Whether rows have two segments."""
        return self._rows.has_pairs

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self._rows.lengths) // self._batch_size)

    def epoch(self, number: int, first: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from the ``first`` on; the same number gives the same batches."""
        seed = stable_seed(self._seed, "order", number)
        order = epoch_order(self._rows.lengths, self._batch_size, seed, self._copied)[first:]
        indices = self._rows.index(np.concatenate(order)).split([len(rows) for rows in order])
        for rows, index in zip(order, indices, strict=True):
            yield self._rows.batch(rows, index)


def read_training_rows(
    train: Path, augmented: Path | None = None, teacher_logits: Path | None = None
) -> tuple[Tokens, np.ndarray | None]:
    """The original rows, or original and augmented ones; with the teacher's logits on them, shape (rows, outputs).

    The file of logits has those of the original rows first, and then those of the augmented ones.

    Raises:
        UserError: a file is damaged, or the logits belong to other rows.
    """
    tokens = read_tokens(train) if augmented is None else concatenate([read_tokens(train), read_tokens(augmented)])
    if teacher_logits is None:
        return tokens, None
    from multipress.training.teacher_logits import read_logits

    logits = read_logits(teacher_logits)
    if len(logits) < len(tokens) or (augmented is not None and len(logits) > len(tokens)):
        raise UserError(
            f"{teacher_logits} holds {len(logits)} rows, the training data {len(tokens)}: delete it and rerun"
        )
    return tokens, logits[: len(tokens)]


def first_rows(batches: Iterable[Batch], rows: int) -> Iterator[Batch]:
    """Batches with the first so many rows of these, the last one cut; fewer rows where there are no more."""
    for batch in batches:
        part = batch if batch.size <= rows else batch.split(rows)[0][0]
        yield part
        rows -= part.size
        if not rows:
            return
