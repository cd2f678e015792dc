"""Texts and examples that are known by construction."""

import numpy as np
import pyarrow as pa

from multipress.dissection.probes.examples import Examples, ProbeSet

NOUNS = [f"noun{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
VERBS = [f"verb{letter}" for letter in "abcdefghij"]


def rows(count, seed=0, first=0, words=(5, 20)):
    """Prepared rows of made-up words; no two texts are the same."""
    generator = np.random.default_rng(seed)
    texts = [
        " ".join([*generator.choice([*NOUNS, *VERBS], generator.integers(*words)), f"end{first + number}"])
        for number in range(count)
    ]
    return pa.table({"text_a": texts, "text_b": pa.nulls(count, pa.string())})


def tag(words):
    """In place of a tagger's: what the made-up words say themselves."""
    return tuple("NN" if word.startswith("noun") else "VB" if word.startswith("verb") else "." for word in words)


def word_set(labels, count=240, seed=0):
    """Texts of four words of 30; each example is about a word, whose label ``labels`` says by its number."""
    generator = np.random.default_rng(seed)
    numbers = generator.integers(30, size=(count, 4))
    places = generator.integers(4, size=count).tolist()
    about = [int(numbers[text, place]) for text, place in enumerate(places)]
    probe = ProbeSet(
        kind="syntax",
        texts=list(range(count)),
        sources=list(range(count)),
        labels=[labels(number) for number in about],
        places=places,
        dev_texts=count,
    )
    return Examples(
        texts=[[f"w{number}" for number in text] for text in numbers], sets={"part_of_speech": probe}
    ), about
