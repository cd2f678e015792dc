"""A linear model on TF-IDF of words and pairs of neighbouring words: what words tell without an encoder."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

_MOST_FEATURES = 200_000
"""Words and pairs of words: the most frequent ones, for a file of some megabytes."""

_MOST_COEFFICIENTS = 5_000_000
"""Features times classes; with many classes there are fewer features."""

Texts = Sequence[Sequence[str]]
"""The texts of all rows; of pairs the first ones, then the second ones. Each of the two has features of its own."""


@dataclass(frozen=True)
class WordModel:
    """Logistic regression, or for numbers ridge regression; scikit-learn's."""

    vectorizers: list[Any]
    regression: Any

    def predict(self, texts: Texts) -> np.ndarray:
        """Class ids or numbers, shape (rows,)."""
        return self.regression.predict(_features(self.vectorizers, texts))

    @property
    def megabytes(self) -> float:
        """Of what has to be kept to answer, 10^6 bytes."""
        return len(pickle.dumps(self)) / 1e6


def fit(texts: Texts, labels: np.ndarray, classes: int | None) -> WordModel:
    """Learn from training rows; ``classes`` is their number, None for regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # importing it takes seconds
    from sklearn.linear_model import LogisticRegression, Ridge

    most = min(_MOST_FEATURES, _MOST_COEFFICIENTS // (classes or 1)) // len(texts)
    vectorizers = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=most, token_pattern=r"(?u)\S+").fit(part)
        for part in texts
    ]
    regression = Ridge(alpha=1.0) if classes is None else LogisticRegression(C=10.0, max_iter=1000)
    return WordModel(vectorizers, regression.fit(_features(vectorizers, texts), labels))


def _features(vectorizers: list[Any], texts: Texts) -> scipy.sparse.csr_matrix:
    """Shape (rows, features)."""
    parts = [vectorizer.transform(part) for vectorizer, part in zip(vectorizers, texts, strict=True)]
    return scipy.sparse.hstack(parts, format="csr")
