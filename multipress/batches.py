"""Batches of rows of similar length: padding is the main cost of small models on short texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from multipress.data.tokens import Tokens, concatenate, read_tokens
from multipress.errors import UserError
from multipress.files import digest

POOL = 50
"""Rows are sorted by length within shuffled pools of so many batches."""


@dataclass(frozen=True)
class Batch:
    """``size`` rows padded to their longest: int64 (size, length) tensors, float32 (size,) labels."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    labels: torch.Tensor
    teacher_logits: torch.Tensor | None = None

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """Keyword arguments of a BERT."""
        return {
            "input_ids": self.input_ids,
            "attention_mask": self.attention_mask,
            "token_type_ids": self.token_type_ids,
        }


def collate(tokens: Tokens, rows: np.ndarray, device: torch.device, teacher_logits: np.ndarray | None = None) -> Batch:
    """Pad the given rows to the longest of them; the padding id is 0, as in every BERT vocabulary."""
    lengths = tokens.lengths[rows]
    positions = np.arange(lengths.max())
    mask = positions < lengths[:, None]
    ids = np.zeros(mask.shape, dtype=np.int64)
    ids[mask] = tokens.ids[(tokens.offsets[rows][:, None] + positions)[mask]]
    segments = (positions >= tokens.first_lengths[rows][:, None]) & mask
    return Batch(
        input_ids=torch.from_numpy(ids).to(device),
        attention_mask=torch.from_numpy(mask.astype(np.int64)).to(device),
        token_type_ids=torch.from_numpy(segments.astype(np.int64)).to(device),
        labels=torch.from_numpy(tokens.labels[rows].astype(np.float32)).to(device),
        teacher_logits=None if teacher_logits is None else torch.from_numpy(teacher_logits[rows]).to(device),
    )


def epoch_order(lengths: np.ndarray, batch_size: int, seed: int) -> list[np.ndarray]:
    """Row numbers of each batch of an epoch: every row once, neighbours in length together, batches shuffled."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(lengths))
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
        self._tokens, self._teacher_logits = tokens, teacher_logits
        self._batch_size, self._seed, self._device = batch_size, seed, device

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self._tokens) // self._batch_size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch; the same number gives the same batches."""
        for rows in epoch_order(self._tokens.lengths, self._batch_size, digest(self._seed, "order", number)):
            yield collate(self._tokens, rows, self._device, self._teacher_logits)


def read_training_rows(
    train: Path, augmented: Path | None = None, teacher_logits: Path | None = None
) -> tuple[Tokens, np.ndarray | None]:
    """The original rows alone, or original and augmented rows with the teacher's logits, shape (rows, outputs).

    Raises:
        UserError: a file is damaged, or the logits belong to other rows.
    """
    if augmented is None or teacher_logits is None:
        return read_tokens(train), None
    from multipress.teacher import read_logits

    tokens = concatenate([read_tokens(train), read_tokens(augmented)])
    logits = read_logits(teacher_logits)
    if len(logits) != len(tokens):
        raise UserError(
            f"{teacher_logits} holds {len(logits)} rows, the training data {len(tokens)}: delete it and rerun"
        )
    return tokens, logits
