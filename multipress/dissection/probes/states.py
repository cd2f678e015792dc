"""The frozen states of a model's layers on the examples of probes; the only module here that needs PyTorch."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from multipress.data.tokenization import cut_rows
from multipress.data.tokens import Tokens, offsets_of
from multipress.dissection.layer_pass import batches, mean_state, read_layers
from multipress.dissection.probes.examples import Examples, ProbeSet
from multipress.model.bert import BertClassifier


@dataclass(frozen=True)
class States:
    """What a probe reads of each layer."""

    layers: np.ndarray
    """float32 of shape (layers + 1, examples, hidden): the output of the embeddings, then of each layer."""
    kept: np.ndarray
    """Numbers of the examples, shape (examples,): all but those whose word, or end of the text, was cut off."""


@dataclass(frozen=True)
class ReadTexts:
    """All texts as a model reads them."""

    tokens: Tokens
    first_places: list[dict[int, int]]
    """Of each text the position of each word's first token."""
    is_whole: np.ndarray
    """Whether the last word is among them, shape (texts,)."""


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
    is_whole = [len(words) - 1 in found for words, found in zip(examples.texts, places, strict=True)]
    return ReadTexts(tokens, places, np.asarray(is_whole))


def read_states(
    model: BertClassifier, texts: ReadTexts, sets: dict[str, ProbeSet], batch_size: int, device: torch.device
) -> dict[str, States]:
    """The states of all probes' examples, by the probe's name: one pass over the texts.

    Of a whole text they are the mean over its tokens, [CLS] and [SEP] among them; of a word those of its first token.
    """
    asked = {name: _positions(each, texts) for name, each in sets.items()}
    depth, width = len(model.bert.encoder.layers) + 1, model.config.hidden_size
    means = np.empty((depth, len(texts.tokens), width), np.float32)
    words = {
        name: np.empty((depth, len(each.at), width), np.float32) for name, each in asked.items() if each.is_of_words
    }
    for numbers, layer, hidden, mask in _hidden(model.to(device).eval(), texts.tokens, batch_size, device):
        means[layer, numbers] = mean_state(hidden, mask).float().cpu().numpy()
        rows = np.full(len(texts.tokens), -1)
        rows[numbers] = np.arange(len(numbers))
        for name, found in words.items():
            here = np.flatnonzero(rows[asked[name].texts] >= 0)
            at = (rows[asked[name].texts[here]], asked[name].at[here])
            row, position = (torch.from_numpy(each).to(device) for each in at)
            found[layer, here] = hidden[row, position].float().cpu().numpy()
    return {
        name: States(words[name] if name in words else means[:, each.texts], each.kept) for name, each in asked.items()
    }


@dataclass(frozen=True)
class _Asked:
    """Where the states of a probe's examples are."""

    kept: np.ndarray
    """Numbers of the examples that are not cut off."""
    texts: np.ndarray
    """The number of each one's text."""
    at: np.ndarray
    """Of probes of words the position of each one's first token; else nothing."""
    is_of_words: bool


def _positions(of: ProbeSet, texts: ReadTexts) -> _Asked:
    numbers = np.asarray(of.texts, np.int64)
    if of.places is None:
        kept = np.flatnonzero(texts.is_whole[numbers])
        return _Asked(kept, numbers[kept], np.empty(0, np.int64), is_of_words=False)
    found = [texts.first_places[text].get(place, -1) for text, place in zip(of.texts, of.places, strict=True)]
    at = np.asarray(found, np.int64)
    kept = np.flatnonzero(at >= 0)
    return _Asked(kept, numbers[kept], at[kept], is_of_words=True)


@torch.inference_mode()
def _hidden(
    model: BertClassifier, tokens: Tokens, batch_size: int, device: torch.device
) -> Iterator[tuple[np.ndarray, int, torch.Tensor, torch.Tensor | None]]:
    """Of each batch and layer: numbers of texts, the layer, states (texts, length, hidden), and the mask."""
    for numbers, batch in batches(tokens, batch_size, device):
        for layer, (hidden, _) in enumerate(read_layers(model, batch)):
            yield numbers, layer, hidden, batch.attention_mask
