"""Masked-language-model pre-training on packed text (Devlin et al. 2019, without next-sentence prediction)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch.nn import functional

from multipress.core.errors import UserError
from multipress.core.files import stable_seed
from multipress.model.bert import BertMaskedModel

IGNORED = -100
"""Label of positions that are not predicted."""

_ENCODED_LINES = 1000


def pack(lines: Iterable[str], tokenizer: Tokenizer, length: int, max_tokens: int) -> np.ndarray:
    """Token ids of shape (sequences, length): each line ends with [SEP], each sequence starts with [CLS].

    Raises:
        UserError: the corpus is shorter than one sequence.
    """
    cls, sep = _token_id(tokenizer, "[CLS]"), _token_id(tokenizer, "[SEP]")
    ids: list[int] = []
    for encodings in _encoded(lines, tokenizer):
        for encoding in encodings:
            ids.extend(encoding.ids)
            ids.append(sep)
        if len(ids) >= max_tokens:
            break
    rows = min(len(ids), max_tokens) // (length - 1)
    if not rows:
        raise UserError(f"the pre-training corpus has {len(ids)} tokens, fewer than one sequence of {length}: add text")
    body = np.asarray(ids[: rows * (length - 1)], dtype=np.int32).reshape(rows, length - 1)
    return np.concatenate([np.full((rows, 1), cls, dtype=np.int32), body], axis=1)


def _token_id(tokenizer: Tokenizer, token: str) -> int:
    number = tokenizer.token_to_id(token)
    if number is None:
        raise UserError(f"the tokenizer has no {token}: delete it and rerun the rule that makes it")
    return number


def _encoded(lines: Iterable[str], tokenizer: Tokenizer) -> Iterator[list[Encoding]]:
    chunk: list[str] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == _ENCODED_LINES:
            yield tokenizer.encode_batch_fast(chunk, add_special_tokens=False)
            chunk = []
    yield tokenizer.encode_batch_fast(chunk, add_special_tokens=False)


def mask_tokens(
    ids: np.ndarray, fraction: float, mask_id: int, vocabulary: int, special: set[int], generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """BERT's corruption: of the chosen positions 80 % become [MASK], 10 % a random token, 10 % stay.

    Returns the corrupted ids and the labels, both of the shape of ``ids``; labels are ``IGNORED`` elsewhere.
    """
    chosen = (generator.random(ids.shape) < fraction) & ~np.isin(ids, list(special))
    fate = generator.random(ids.shape)
    corrupted = np.where(chosen & (fate < 0.8), mask_id, ids)
    randomized = chosen & (fate >= 0.8) & (fate < 0.9)
    corrupted = np.where(randomized, generator.integers(0, vocabulary, ids.shape), corrupted)
    return corrupted, np.where(chosen, ids, IGNORED)


@dataclass(frozen=True)
class MaskedBatch:
    """Corrupted ids and labels, int64 of shape (size, length)."""

    ids: torch.Tensor
    labels: torch.Tensor

    @property
    def size(self) -> int:
        """Number of sequences."""
        return len(self.ids)

    def split(self, rows: int) -> list[tuple["MaskedBatch", float]]:
        """Batches of at most ``rows`` sequences, each with its share of the masked positions."""
        parts = [MaskedBatch(*part) for part in zip(self.ids.split(rows), self.labels.split(rows), strict=True)]
        masked = [int((part.labels != IGNORED).sum()) for part in parts]
        return [(part, count / max(1, sum(masked))) for part, count in zip(parts, masked, strict=True)]


class MaskedBatches:
    """Packed sequences as training batches, masked anew in every epoch."""

    def __init__(
        self,
        sequences: np.ndarray,
        tokenizer: Tokenizer,
        fraction: float,
        batch_size: int,
        seed: int,
        device: torch.device,
    ) -> None:
        """Take ``sequences`` of shape (rows, length)."""
        self._sequences, self._fraction, self._batch_size = sequences, fraction, batch_size
        self._seed, self._device = seed, device
        self._mask, self._vocabulary = _token_id(tokenizer, "[MASK]"), tokenizer.get_vocab_size()
        self._special = {_token_id(tokenizer, token) for token in ("[PAD]", "[CLS]", "[SEP]")}

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return -(-len(self._sequences) // self._batch_size)

    def epoch(self, number: int, first: int = 0) -> Iterator[MaskedBatch]:
        """The batches of an epoch from the ``first`` on; each depends on its own number alone."""
        order = np.random.default_rng(stable_seed(self._seed, "order", number)).permutation(len(self._sequences))
        for index in range(first, self.per_epoch):
            rows = self._sequences[order[index * self._batch_size : (index + 1) * self._batch_size]]
            generator = np.random.default_rng(stable_seed(self._seed, "mask", number, index))
            ids, labels = mask_tokens(rows, self._fraction, self._mask, self._vocabulary, self._special, generator)
            yield MaskedBatch(self._tensor(ids), self._tensor(labels))

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(values.astype(np.int64)).to(self._device)


def masked_objective(model: BertMaskedModel, batch: MaskedBatch) -> dict[str, torch.Tensor]:
    """Cross-entropy at the masked positions; 0 where a batch has none."""
    hidden = model.bert(batch.ids)
    chosen = batch.labels != IGNORED
    scores = model(hidden[chosen])
    total = functional.cross_entropy(scores, batch.labels[chosen], reduction="sum")
    return {"loss": total / chosen.sum().clamp_min(1)}
