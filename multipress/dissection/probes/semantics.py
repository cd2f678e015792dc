"""Probes of what words mean: the field that a word belongs to, and whether a word fits its text."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from multipress.dissection.probes.examples import Example
from multipress.dissection.probes.syntax import of_words
from multipress.dissection.probes.texts import Text

_NOUNS = ("NN", "NNS")

_AS_FREQUENT = 10
"""Places in the list of nouns by frequency, to each side, from which another noun is drawn."""


def supersense(texts: Sequence[Text], generator: np.random.Generator) -> list[Example]:
    """The lexicographer's file of WordNet that a noun or verb belongs to, of words that belong to one alone."""
    return of_words(texts, generator, _label)


def _label(word: str, tag: str) -> str | None:
    part = {"N": "n", "V": "v"}.get(tag[0])
    return _only_field(word.lower(), part) if part and not tag.startswith("NNP") else None


@cache
def _only_field(word: str, part: str) -> str | None:
    from nltk.corpus import wordnet  # it takes seconds

    fields = {meaning.lexname() for meaning in wordnet.synsets(word, pos=part)}
    return str(fields.pop()) if len(fields) == 1 else None


def odd_word(texts: Sequence[Text], generator: np.random.Generator) -> list[Example]:
    """Whether a noun was replaced by another about as frequent, as in half of the texts (Conneau et al. 2018)."""
    others = {tag: _by_frequency(texts, tag) for tag in _NOUNS}
    usable = [number for number in generator.permutation(len(texts)).tolist() if _nouns(texts[number])]
    found: list[Example] = []
    for number in usable:
        text, is_odd = texts[number], len(found) % 2 == 1
        place = int(generator.choice(_nouns(text)))
        noun = _another(text, place, others[text.tags[place]], generator)
        if noun is None:
            continue
        words = (*text.words[:place], noun, *text.words[place + 1 :]) if is_odd else text.words
        found.append(Example(number, words, "odd" if is_odd else "original"))
    return found


def _nouns(text: Text) -> list[int]:
    return [
        place
        for place, (word, tag) in enumerate(zip(text.words, text.tags, strict=True))
        if tag in _NOUNS and word.isalpha()
    ]


def _by_frequency(texts: Sequence[Text], tag: str) -> list[str]:
    """Nouns of one tag, the most frequent first."""
    counts = Counter(
        word.lower()
        for text in texts
        for word, own in zip(text.words, text.tags, strict=True)
        if own == tag and word.isalpha()
    )
    return sorted(counts, key=lambda word: (-counts[word], word))


def _another(text: Text, place: int, others: list[str], generator: np.random.Generator) -> str | None:
    """A noun about as frequent that the text does not have; None where there is none."""
    rank = others.index(text.words[place].lower())
    inside = {word.lower() for word in text.words}
    near = [word for word in others[max(0, rank - _AS_FREQUENT) : rank + _AS_FREQUENT + 1] if word not in inside]
    return str(generator.choice(near)) if near else None
