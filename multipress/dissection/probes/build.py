"""Make the examples of a task's probes from its own texts: those of the dev set, which no model was trained on."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

from multipress.core.files import stable_seed
from multipress.data.wordnet import TAGGER, WORDNET, missing_packages
from multipress.dissection.probes import semantics, surface, syntax
from multipress.dissection.probes.examples import Example, Examples, ProbeSet
from multipress.dissection.probes.settings import KINDS
from multipress.dissection.probes.texts import FEWEST_WORDS, MOST_WORDS, Text, pool, tagged

_MAKERS: dict[str, Callable[[Sequence[Text], np.random.Generator], list[Example]]] = {
    "length": surface.length,
    "word_content": surface.word_content,
    "word_swap": syntax.word_swap,
    "part_of_speech": syntax.part_of_speech,
    "supersense": semantics.supersense,
    "odd_word": semantics.odd_word,
}

_NEEDED = {"part_of_speech": (TAGGER,), "supersense": (WORDNET, TAGGER), "odd_word": (TAGGER,)}
"""The NLTK data that probes are made with."""

_ENOUGH = 1000
"""Examples for which the dev set's texts suffice. With fewer, probes of order and sense find nothing in a layer of 384
numbers, and texts of training rows are used, too."""

_FEWEST = 40
"""Examples with which a probe is asked."""

_OF_A_LABEL = 8
"""Examples that a label has at least; those of rarer ones are left out."""


def build(dev: pa.Table, train: pa.Table, probes: Iterable[str], most: int) -> Examples:
    """The examples of these probes.

    Args:
        dev: prepared rows of the dev set.
        train: prepared training rows, for what the dev set's texts don't suffice for.
        probes: names of ``settings.KINDS``.
        most: examples of a probe.
    """
    chosen = list(probes)
    missing = missing_packages({package for name in chosen for package in _NEEDED.get(name, ())})
    makers = {name: _MAKERS[name] for name in chosen if not set(_NEEDED.get(name, ())) & set(missing)}
    with_tagger = any(TAGGER in _NEEDED.get(name, ()) for name in makers)
    words = pool(dev, most)
    texts = tagged(words, with_tagger)
    found = {name: _made(name, texts, most) for name in makers}
    n_dev = len(texts)
    if scarce := [name for name, made in found.items() if len(made) < min(_ENOUGH, most)]:
        texts = texts + tagged(pool(train, most - n_dev, without=words), with_tagger)
        found |= {name: _made(name, texts, most) for name in scarce}
    numbers: dict[tuple[str, ...], int] = {}
    for example in chain.from_iterable(found.values()):
        numbers.setdefault(example.words, len(numbers))
    lacking = {name: _lacking(name, missing) for name in chosen if name not in found}
    sets = {name: _set(name, found[name], numbers, n_dev) for name in found}
    sets |= {name: ProbeSet(kind=KINDS[name], left_out=reason) for name, reason in lacking.items()}
    return Examples(texts=[list(text) for text in numbers], sets={name: sets[name] for name in chosen})


def _made(name: str, texts: list[Text], most: int) -> list[Example]:
    """The examples of a probe, of labels that are frequent enough."""
    if not texts:
        return []
    generator = np.random.default_rng(stable_seed("probe", name))
    found = _MAKERS[name](texts, generator)[:most]
    counts = Counter(example.label for example in found)
    return [example for example in found if counts[example.label] >= _OF_A_LABEL]


def _set(name: str, made: list[Example], numbers: dict[tuple[str, ...], int], n_dev: int) -> ProbeSet:
    if reason := _too_few(made):
        return ProbeSet(kind=KINDS[name], left_out=reason)
    places = [example.place for example in made if example.place is not None]
    return ProbeSet(
        kind=KINDS[name],
        texts=[numbers[example.words] for example in made],
        sources=[example.source for example in made],
        labels=[example.label for example in made],
        places=places or None,
        dev_texts=n_dev,
    )


def _too_few(made: list[Example]) -> str:
    labels = {example.label for example in made}
    if len(made) >= _FEWEST and len(labels) > 1:
        return ""
    return (
        f"texts of {FEWEST_WORDS} to {MOST_WORDS} words give {len(made)} examples of {len(labels)} labels: it takes "
        f"{_FEWEST} of two"
    )


def _lacking(name: str, missing: list[str]) -> str:
    lacking = [package for package in _NEEDED[name] if package in missing]
    return f"the NLTK data {' and '.join(lacking)} is missing: install it, delete the examples and rerun probe_data"
