"""What it takes no encoder for: the most frequent answer, and a linear model on words."""

import time
from dataclasses import dataclass

import numpy as np

from multipress.evaluation import word_model
from multipress.shrink.parts import Parts
from multipress.shrink.source import Rows

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
    started = time.perf_counter()
    names = parts.train.names
    model = word_model.fit(_texts(parts.train), parts.train.labels, None if names is None else len(names))
    seconds = time.perf_counter() - started
    dev, test = (model.predict(_texts(rows)) for rows in (parts.dev, parts.test))
    return Baseline(LINEAR, dev, test, model.megabytes, seconds)


def _texts(rows: Rows) -> list[list[str]]:
    return [texts.to_pylist() for texts in rows.texts]
