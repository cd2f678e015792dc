"""The frozen states of a model's layers on the examples of probes; the only module here that needs PyTorch."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from multipress.data.tokenization import cut_rows
from multipress.data.tokens import Tokens, offsets_of
from multipress.dissection.probes.examples import Examples, ProbeSet
from multipress.model.bert import BertClassifier
from multipress.training.batches import Rows


@dataclass(frozen=True)
class States:
    """What a probe reads of each layer."""

    layers: np.ndarray
    """float32 of shape (layers + 1, examples, hidden): the output of the embeddings, then of each layer."""
    kept: np.ndarray
    """Numbers of the examples, shape (examples,): all but those whose word was cut off."""


@dataclass(frozen=True)
class ReadTexts:
    """All texts as a model reads them."""

    tokens: Tokens
    first_places: list[dict[int, int]]
    """Of each text the position of each word's first token."""


def encode_texts(examples: Examples, tokenizer: Tokenizer, max_length: int) -> ReadTexts:
    """Texts as tokens, each with [CLS] and [SEP]; what is longer than ``max_length`` tokens is cut."""
    cut_rows(tokenizer, max_length)
    encoded = tokenizer.encode_batch(examples.texts, is_pretokenized=True)
    lengths = [len(each.ids) for each in encoded]
    places: list[dict[int, int]] = []
    for each in encoded:
        found: dict[int, int] = {}
        for position, word in enumerate(each.word_ids):
            if word is not None:
                found.setdefault(word, position)
        places.append(found)
    ids = np.concatenate([np.asarray(each.ids, np.int32) for each in encoded])
    numbers = np.arange(len(encoded))
    tokens = Tokens(ids, offsets_of(lengths), np.asarray(lengths, np.int32), numbers.astype(np.float64), numbers)
    return ReadTexts(tokens, places)


def read_states(
    model: BertClassifier, texts: ReadTexts, sets: dict[str, ProbeSet], batch_size: int, device: torch.device
) -> dict[str, States]:
    """The states of all probes' examples, by the probe's name: one pass over the texts.

    Of a whole text they are the mean over its tokens, [CLS] and [SEP] among them; of a word those of its first token.
    """
    asked = {name: _positions(each, texts) for name, each in sets.items()}
    shape = (len(model.bert.encoder.layers) + 1, len(texts.tokens))
    means: np.ndarray | None = None
    words: dict[str, np.ndarray] = {}
    for rows, layer, hidden, mask in _hidden(model.to(device).eval(), texts.tokens, batch_size, device):
        if means is None:
            means = np.empty((*shape, hidden.shape[-1]), np.float32)
            words = {
                name: np.empty((shape[0], len(kept), hidden.shape[-1]), np.float32)
                for name, (kept, _, at) in asked.items()
                if at is not None
            }
        means[layer, rows] = _mean(hidden, mask)
        for name, found in words.items():
            _, numbers, at = asked[name]
            here = np.flatnonzero(np.isin(numbers, rows))
            place = {row: place for place, row in enumerate(rows.tolist())}
            batch = torch.tensor([place[number] for number in numbers[here].tolist()], device=device, dtype=torch.long)
            found[layer, here] = hidden[batch, torch.from_numpy(at[here]).to(device)].float().cpu().numpy()
    assert means is not None
    return {
        name: States(words[name] if name in words else means[:, numbers], kept)
        for name, (kept, numbers, _) in asked.items()
    }


def _positions(of: ProbeSet, texts: ReadTexts) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Which examples are not cut off, the number of each one's text, and the position of its word's first token."""
    if of.places is None:
        return np.arange(len(of.texts)), np.asarray(of.texts), None
    at = [texts.first_places[text].get(place, -1) for text, place in zip(of.texts, of.places, strict=True)]
    kept = np.flatnonzero(np.asarray(at) >= 0)
    return kept, np.asarray(of.texts)[kept], np.asarray(at, np.int64)[kept]


@torch.inference_mode()
def _hidden(
    model: BertClassifier, tokens: Tokens, batch_size: int, device: torch.device
) -> Iterator[tuple[np.ndarray, int, torch.Tensor, torch.Tensor | None]]:
    """Of each batch and layer: numbers of texts, the layer, states (texts, length, hidden), and the mask."""
    rows, order = Rows(tokens, device), np.argsort(tokens.lengths, kind="stable")
    for first in range(0, len(order), batch_size):
        numbers = order[first : first + batch_size]
        inputs = rows.batch(numbers).inputs
        hidden, mask = model.bert.embed(**inputs)
        yield numbers, 0, hidden, inputs["attention_mask"]
        for layer, compute in enumerate(model.bert.encoder.layers, 1):
            hidden = compute(hidden, mask, first_only=False)
            yield numbers, layer, hidden, inputs["attention_mask"]


def _mean(hidden: torch.Tensor, mask: torch.Tensor | None) -> np.ndarray:
    if mask is None:
        return hidden.mean(1).float().cpu().numpy()
    present = mask[..., None].to(hidden.dtype)
    mean: np.ndarray = ((hidden * present).sum(1) / present.sum(1)).float().cpu().numpy()
    return mean
