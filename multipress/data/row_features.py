"""What can be said of a row without a model: its length, how rare its words are, negation, overlap of a pair."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

_WORD = re.compile(r"\w+(?:['’]\w+)*")

_NEGATIONS = frozenset(
    ["not", "no", "never", "nothing", "nobody", "none", "nor", "neither", "nowhere", "without", "cannot", "hardly", "t"]
)
"""Words of English; ``t`` is what some tokenizations leave of n't."""

_RARE = 5
"""A word is rare that occurs less often than this in the training rows."""

_BINS = 4
"""Of numbers, with about as many rows each."""


def row_features(rows: pa.Table, train: pa.Table, labels: Sequence[str]) -> Mapping[str, np.ndarray]:
    """By the feature's name the bin of each row as a text, shape (rows,); overlap only of pairs.

    Args:
        rows: prepared rows.
        train: training rows, which say how frequent words are.
        labels: names of classes.
    """
    first, second = _words(rows["text_a"]), _words(rows["text_b"])
    both = [a + b for a, b in zip(first, second, strict=True)]
    counts = Counter(word for column in ("text_a", "text_b") for words in _words(train[column]) for word in words)
    rare = [np.mean([counts[word] < _RARE for word in words]) if words else 0.0 for words in both]
    found = {
        "length": _binned(np.array(list(map(len, both))), "words"),
        "rare words": _binned(100 * np.array(rare), "%"),
        "class": np.array([labels[int(label)] for label in rows["label"].to_pylist()]),
        "negation": np.where([any(map(_negates, words)) for words in both], "with", "without"),
    }
    if rows["text_b"].null_count == 0:
        found["overlap"] = _binned(100 * np.array(list(map(_overlap, first, second))), "%")
    return found


def _words(texts: pa.ChunkedArray) -> list[list[str]]:
    return [_WORD.findall((text or "").lower()) for text in texts.to_pylist()]


def _negates(word: str) -> bool:
    return word in _NEGATIONS or word.endswith(("n't", "n’t"))


def _overlap(first: list[str], second: list[str]) -> float:
    """The share of the different words of the shorter text that the other has, too."""
    one, other = set(first), set(second)
    return len(one & other) / max(1, min(len(one), len(other)))


def _binned(values: np.ndarray, unit: str) -> np.ndarray:
    """The bin of each number, by its ends, of bins with about as many numbers each."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:], method="inverted_cdf"))
    places = np.searchsorted(edges, values)  # a bin ends with its edge
    names = []
    for place in range(len(edges)):
        inside = values[places == place]
        low, high = f"{inside.min():.3g}", f"{inside.max():.3g}"
        names.append(f"{low} {unit}" if low == high else f"{low} to {high} {unit}")
    return np.array(names)[places]
