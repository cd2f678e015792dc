"""Ask a probe of a layer: logistic regression on frozen states, several splits, its control task, and intervals."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from multipress.core.files import stable_seed

SPLITS = 5
"""Ways to divide the examples into those that are learned and those that are asked."""

_ASKED = 0.25
"""The share of the dev set's texts whose examples are asked."""

_FEWEST = 10
"""Texts to ask at least; where the dev set has too few for it, all texts are drawn from."""

_STRENGTH = 0.1
"""scikit-learn's C, on standardized features: the same for all layers, models and probes."""

_STEPS = 300
_TOLERANCE = 1e-3

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Split:
    """One of the ways to divide the examples, and the labels of the control task."""

    learned: np.ndarray
    """Numbers of examples."""
    asked: np.ndarray
    control: np.ndarray | None
    """A label for each example, the same for all of one word; None of probes of whole texts."""


@dataclass(frozen=True)
class Answer:
    """What a probe finds in a layer, in shares of the asked examples."""

    accuracy: float
    low: float
    high: float
    control: float | None
    """On the control task; the accuracy less this is the selectivity (Hewitt and Liang 2019)."""


def splits(labels: np.ndarray, sources: np.ndarray, dev_texts: int, words: Sequence[str] | None = None) -> list[Split]:
    """The same ones for all layers and models: no text is on both sides, and of the dev set's texts a quarter is asked.

    So of two splits a quarter of what is asked is the same, which intervals are made for; training texts are learned.

    Args:
        labels: names, shape (examples,).
        sources: the number of each example's text, shape (examples,).
        dev_texts: numbers below are of texts that no model was trained on.
        words: the word of each example, for the control task; None: the examples are whole texts.
    """
    found = []
    texts = np.unique(sources)
    of_dev = texts[texts < dev_texts]
    texts = of_dev if round(_ASKED * len(of_dev)) >= _FEWEST else texts
    for number in range(SPLITS):
        generator = np.random.default_rng(stable_seed("split", number))
        is_asked = np.isin(sources, generator.permutation(texts)[: max(1, round(_ASKED * len(texts)))])
        control = None if words is None else _control(labels, words, generator)
        found.append(Split(np.flatnonzero(~is_asked), np.flatnonzero(is_asked), control))
    return found


def _control(labels: np.ndarray, words: Sequence[str], generator: np.random.Generator) -> np.ndarray:
    """A random label for each word, drawn as often as the real ones occur."""
    types, of_example = np.unique(np.asarray(words), return_inverse=True)
    drawn: np.ndarray = generator.choice(labels, len(types))[of_example]
    return drawn


def ask(states: np.ndarray, labels: np.ndarray, parts: Sequence[Split]) -> Answer:
    """What a linear model learns from states of shape (examples, hidden)."""
    found, controls = [], []
    for part in parts:
        features = _standardized(states, part)
        found.append(_accuracy(features, labels, part))
        if part.control is not None:
            controls.append(_accuracy(features, part.control, part))
    mean, spread = float(np.mean(found)), _spread(found)
    control = float(np.mean(controls)) if controls else None
    return Answer(mean, max(0.0, mean - spread), min(1.0, mean + spread), control)


def majority(labels: np.ndarray, parts: Sequence[Split]) -> float:
    """The share of asked examples that have the label which most of the learned ones have; mean over splits."""
    return float(np.mean([(labels[part.asked] == _most_frequent(labels[part.learned])).mean() for part in parts]))


def _most_frequent(labels: np.ndarray) -> str:
    names, counts = np.unique(labels, return_counts=True)
    return str(names[counts.argmax()])


def _standardized(states: np.ndarray, part: Split) -> np.ndarray:
    """Each feature with the mean 0 and the spread 1 on the learned examples."""
    learned = states[part.learned]
    spread = learned.std(axis=0)
    standardized: np.ndarray = (states - learned.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return standardized


def _accuracy(features: np.ndarray, labels: np.ndarray, part: Split) -> float:
    from sklearn.exceptions import ConvergenceWarning  # it takes seconds
    from sklearn.linear_model import LogisticRegression

    learned = labels[part.learned]
    if len(np.unique(learned)) == 1:
        return float((labels[part.asked] == learned[0]).mean())
    model = LogisticRegression(C=_STRENGTH, max_iter=_STEPS, tol=_TOLERANCE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of steps is part of the probe
        model.fit(features[part.learned], learned)
    return float(model.score(features[part.asked], labels[part.asked]))


def _spread(found: Sequence[float]) -> float:
    """Half of the interval: splits share examples, for which their variance is corrected (Nadeau and Bengio 2003)."""
    variance = float(np.var(found, ddof=1)) * (1 / len(found) + _ASKED / (1 - _ASKED))
    return float(stdtrit(len(found) - 1, (1 + _CONFIDENCE) / 2)) * sqrt(variance)
