"""What it takes no encoder for: the most frequent answer, and a linear model on words."""

import pickle
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.sparse

from multipress.shrink.parts import Parts
from multipress.shrink.source import Rows

_MOST_FEATURES = 200_000
"""Words and pairs of words: the most frequent ones, for a file of some megabytes."""

_MOST_COEFFICIENTS = 5_000_000
"""Features times classes; with many classes there are fewer features."""

MAJORITY, LINEAR = "majority", "TF-IDF and a linear model"


@dataclass(frozen=True)
class Baseline:
    """What a baseline answers."""

    name: str
    dev: np.ndarray
    """Class ids or numbers, shape (rows,)."""
    test: np.ndarray
    megabytes: float
    """Of what has to be kept to answer, 10^6 bytes."""
    seconds: float
    """Of training."""


def baselines(parts: Parts) -> list[Baseline]:
    """The majority, and logistic regression (for numbers: ridge regression) on TF-IDF of words and pairs of words."""
    return [majority(parts), linear(parts)]


def majority(parts: Parts) -> Baseline:
    """Every row is answered with the most frequent class, or the mean of the numbers, of the training rows."""
    labels = parts.train.labels
    answer = labels.mean() if parts.train.names is None else np.bincount(labels).argmax()
    dev, test = (np.full(len(rows), answer) for rows in (parts.dev, parts.test))
    return Baseline(MAJORITY, dev, test, 0.0, 0.0)


def linear(parts: Parts) -> Baseline:
    """A linear model; of pairs, each text has features of its own."""
    from sklearn.linear_model import LogisticRegression, Ridge  # importing it takes seconds

    started = time.perf_counter()
    reader = _Features(parts.train)
    model = Ridge(alpha=1.0) if parts.train.names is None else LogisticRegression(C=10.0, max_iter=1000)
    model.fit(reader.of(parts.train), parts.train.labels)
    seconds = time.perf_counter() - started
    dev, test = (model.predict(reader.of(rows)) for rows in (parts.dev, parts.test))
    return Baseline(LINEAR, dev, test, len(pickle.dumps((reader, model))) / 1e6, seconds)


class _Features:
    """TF-IDF of words and pairs of neighbouring words, learned from the training rows."""

    def __init__(self, train: Rows) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        most = min(_MOST_FEATURES, _MOST_COEFFICIENTS // len(train.names or [""])) // len(train.texts)
        self._parts = [
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=most, token_pattern=r"(?u)\S+")
            for _ in train.texts
        ]
        for part, texts in zip(self._parts, train.texts, strict=True):
            part.fit(_read(texts))

    def of(self, rows: Rows) -> scipy.sparse.csr_matrix:
        """Shape (rows, features)."""
        return scipy.sparse.hstack(
            [part.transform(_read(texts)) for part, texts in zip(self._parts, rows.texts, strict=True)], format="csr"
        )


def _read(texts: Iterable) -> Iterable[str]:
    return (text.as_py() for text in texts)
