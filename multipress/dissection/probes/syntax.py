"""Probes of how words are put together: their order, and their parts of speech."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from multipress.dissection.probes.examples import Example
from multipress.dissection.probes.texts import Text

_SAME_WORD = 10
"""Examples of one word at most: else a few frequent words are most of a probe."""


def word_swap(texts: Sequence[Text], generator: np.random.Generator) -> list[Example]:
    """Whether two neighbouring words have changed places, as they have in half of the texts (Conneau et al. 2018)."""
    places = [_swappable(text.words) for text in texts]
    usable = [number for number in generator.permutation(len(texts)).tolist() if places[number]]
    found = []
    for turn, number in enumerate(usable):
        words = list(texts[number].words)
        if turn % 2:
            place = int(generator.choice(places[number]))
            words[place : place + 2] = words[place + 1], words[place]
        found.append(Example(number, tuple(words), "swapped" if turn % 2 else "in order"))
    return found


def _swappable(words: Sequence[str]) -> list[int]:
    return [
        place
        for place, (first, second) in enumerate(pairwise(words))
        if first.isalpha() and second.isalpha() and first.lower() != second.lower()
    ]


def part_of_speech(texts: Sequence[Text], generator: np.random.Generator) -> list[Example]:
    """The Penn Treebank tag of a word, by the tagger: not by people, so that no probe can be right throughout."""
    return of_words(texts, generator, lambda word, tag: tag if tag[0].isalpha() else None)


def of_words(
    texts: Sequence[Text], generator: np.random.Generator, label: Callable[[str, str], str | None]
) -> list[Example]:
    """An example for each word that has a label by its spelling and tag, in random order, few of the same word."""
    found = [
        Example(number, text.words, name, place)
        for number, text in enumerate(texts)
        for place, (word, tag) in enumerate(zip(text.words, text.tags, strict=True))
        if word[0].isalpha() and (name := label(word, tag))
    ]
    seen: Counter[str] = Counter()
    kept = []
    for number in generator.permutation(len(found)).tolist():
        example = found[number]
        word = example.words[example.place or 0].lower()
        seen[word] += 1
        if seen[word] <= _SAME_WORD:
            kept.append(example)
    return kept
