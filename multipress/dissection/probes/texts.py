"""Texts that probes are made of, as words with their parts of speech."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from multipress.core.files import stable_seed

_WORD = re.compile(r"['’]?\w+(?:['’-]\w+)*|[^\w\s]")

FEWEST_WORDS, MOST_WORDS = 5, 64
"""Of a text that is used: shorter ones have little to ask for, longer ones cost much and may be cut."""


class Text(NamedTuple):
    """A text of a row; of pairs each is one of its own."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    """A Penn Treebank tag for each word; none where there is no tagger."""


def pool(rows: pa.Table, most: int, without: Iterable[tuple[str, ...]] = ()) -> list[tuple[str, ...]]:
    """The words of at most so many different texts of rows, drawn with a fixed seed; not those of ``without``."""
    taken = set(map(_spelling, without))
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for column in ("text_a", "text_b"):
        for text in filter(None, rows[column].to_pylist()):
            words = words_of(text)
            if FEWEST_WORDS <= len(words) <= MOST_WORDS and _spelling(words) not in taken:
                found.setdefault(_spelling(words), words)
    texts = list(found.values())
    order = np.random.default_rng(stable_seed("texts of probes")).permutation(len(texts))
    return [texts[number] for number in order[:most]]


def words_of(text: str) -> tuple[str, ...]:
    """Words and signs of a text, in their order."""
    return tuple(_WORD.findall(text))


def _spelling(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words)


def tagged(texts: list[tuple[str, ...]], with_tagger: bool) -> list[Text]:
    """The same with parts of speech by NLTK's perceptron tagger, where there is one."""
    if not with_tagger:
        return [Text(words, ()) for words in texts]
    import nltk  # it takes seconds

    found = nltk.pos_tag_sents(list(map(list, texts)))
    return [Text(words, tuple(tag for _, tag in pairs)) for words, pairs in zip(texts, found, strict=True)]
