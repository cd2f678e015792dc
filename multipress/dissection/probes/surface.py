"""Probes of what stands on the surface of a text: its length, and which words occur (Conneau et al. 2018)."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from multipress.dissection.probes.examples import Example
from multipress.dissection.probes.texts import Text

_BINS = 5
"""Of lengths, with about as many texts each."""

_WORDS = 20
"""Words of which one occurs."""

_MOST_TEXTS = 0.03
"""Words of a larger share of the texts are too frequent to say anything."""

_LETTERS = 3
"""Of such a word at least."""


def length(texts: Sequence[Text], generator: np.random.Generator) -> list[Example]:
    """Into which of five bins the number of words falls."""
    counts = np.array([len(text.words) for text in texts])
    edges = np.unique(np.quantile(counts, np.linspace(0, 1, _BINS + 1)[1:-1], method="inverted_cdf"))
    bins = np.searchsorted(edges, counts)  # a bin ends with its edge
    return [Example(number, text.words, f"bin{bins[number]}") for number, text in enumerate(texts)]


def word_content(texts: Sequence[Text], generator: np.random.Generator) -> list[Example]:
    """Which of twenty words of middle frequency occurs in the text; it has exactly one of them."""
    inside = [{word.lower() for word in text.words} for text in texts]
    counts = Counter(word for words in inside for word in words if word.isalpha() and len(word) >= _LETTERS)
    frequent = sorted(counts, key=lambda word: (-counts[word], word))
    chosen = set([word for word in frequent if counts[word] <= max(1, _MOST_TEXTS * len(texts))][:_WORDS])
    return [
        Example(number, texts[number].words, found.pop())
        for number, words in enumerate(inside)
        if len(found := words & chosen) == 1
    ]
