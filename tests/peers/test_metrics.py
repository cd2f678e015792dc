"""Scores against scikit-learn and scipy."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from multipress.evaluation.metrics import score_all

pytestmark = pytest.mark.filterwarnings("error")  # a score of ours warns of nothing

SEEDS = range(5)
FREQUENCIES = {
    "even": [0.5, 0.5],
    "skewed": [0.97, 0.03],
    "three": [0.2, 0.5, 0.3],
    "three, skewed": [0.01, 0.04, 0.95],
    "seven": [1 / 7] * 7,
}


def peer_classification(labels, predictions, n_labels):
    average = "binary" if n_labels == 2 else "macro"
    return {
        "accuracy": accuracy_score(labels, predictions),
        "f1": f1_score(labels, predictions, average=average, zero_division=0.0),
        "matthews": matthews_corrcoef(labels, predictions),
    }


def peer_regression(labels, predictions):
    """scipy's correlations; NaN, its answer to constant predictions, becomes the 0.0 that multipress documents."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pearson, spearman = pearsonr(labels, predictions).statistic, spearmanr(labels, predictions).statistic
    return {"pearson": np.nan_to_num(pearson), "spearman": np.nan_to_num(spearman)}


def assert_classification_agrees(labels, predictions, n_labels):
    labels, predictions = np.array(labels), np.array(predictions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = peer_classification(labels, predictions, n_labels)
    scores = score_all("classification", labels, predictions, n_labels)
    if len(set(labels)) == 1:
        del expected["matthews"]
    if n_labels == 2 and 1 not in labels:
        del expected["f1"]
    assert scores == pytest.approx(expected, rel=1e-12, abs=1e-12)


def assert_regression_agrees(labels, predictions):
    labels, predictions = np.array(labels), np.array(predictions)
    expected = {} if np.ptp(labels) == 0 else peer_regression(labels.astype(np.float64), predictions.astype(np.float64))
    assert score_all("regression", labels, predictions, None) == pytest.approx(expected, rel=1e-10, abs=1e-10)


def few_rows(n_labels):
    """Up to twelve (label, prediction) pairs of so many labels, which may all be the same."""
    label = st.integers(0, n_labels - 1)
    return st.tuples(st.just(n_labels), st.lists(st.tuples(label, label), min_size=1, max_size=12))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("frequencies", FREQUENCIES.values(), ids=FREQUENCIES)
def test_classification_agrees_on_random_rows(frequencies, seed):
    generator = np.random.default_rng(seed)
    labels, noise = generator.choice(len(frequencies), size=(2, 800), p=frequencies)
    predictions = np.where(generator.random(800) < 0.6, labels, noise)
    assert_classification_agrees(labels, predictions, len(frequencies))


@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        pytest.param([1, 1, 1, 1], [0, 1, 1, 0], id="labels are all 1"),
        pytest.param([0, 0, 0, 0], [0, 1, 1, 0], id="labels are all 0"),
        pytest.param([0, 1, 1, 0], [1, 1, 1, 1], id="predictions are all 1"),
        pytest.param([0, 1, 1, 0], [0, 0, 0, 0], id="predictions are all 0"),
        pytest.param([0, 0, 0], [0, 0, 0], id="1 occurs nowhere"),
        pytest.param([1, 1, 1], [1, 1, 1], id="1 is everywhere"),
        pytest.param([0, 0, 0], [1, 1, 1], id="all wrong on one label"),
        pytest.param([0, 1], [0, 1], id="two rows, right"),
        pytest.param([0, 1], [1, 0], id="two rows, wrong"),
        pytest.param([1], [1], id="one row"),
        pytest.param([0.0, 1.0, 1.0], [0, 1, 0], id="label ids in float64"),
    ],
)
def test_classification_agrees_on_degenerate_rows(labels, predictions, n_labels):
    assert_classification_agrees(labels, predictions, n_labels)


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        pytest.param([0, 0, 2, 2], [0, 0, 2, 0], id="label 1 occurs nowhere"),
        pytest.param([0, 0, 2, 2], [0, 1, 2, 2], id="label 1 is predicted only"),
        pytest.param([0, 1, 2, 2], [0, 0, 2, 2], id="label 1 is gold only"),
        pytest.param([2, 2, 2], [1, 0, 1], id="gold and predicted labels are disjoint"),
    ],
)
def test_f1_of_three_labels_counts_those_that_occur(labels, predictions):
    assert_classification_agrees(labels, predictions, 3)


def test_matthews_correlation_of_very_many_rows_does_not_overflow():
    generator = np.random.default_rng(0)
    labels, predictions = generator.integers(0, 2, size=(2, 200_000))
    assert_classification_agrees(labels, predictions, 2)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(2, 4).flatmap(few_rows))
def test_classification_agrees_on_any_few_rows(case):
    n_labels, rows = case
    labels, predictions = zip(*rows, strict=True)
    assert_classification_agrees(labels, predictions, n_labels)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("noise", [0.01, 1.0, 100.0])
def test_regression_agrees_on_random_rows(seed, noise):
    generator = np.random.default_rng(seed)
    labels = generator.uniform(0, 5, 700)
    predictions = (labels**2 + noise * generator.normal(size=700)).astype(np.float32)
    assert_regression_agrees(labels, predictions)


@pytest.mark.parametrize("seed", SEEDS)
def test_regression_agrees_on_ties(seed):
    generator = np.random.default_rng(seed)
    labels = np.round(generator.uniform(0, 5, 300) * 2) / 2
    predictions = np.round(labels + generator.normal(size=300)).astype(np.float32)
    assert_regression_agrees(labels, predictions)


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        pytest.param([0.0, 2.5, 5.0], [1.5, 1.5, 1.5], id="constant predictions"),
        pytest.param([2.0, 2.0, 2.0], [0.1, 0.2, 0.3], id="constant labels"),
        pytest.param([0.0, 5.0], [0.3, 0.2], id="two rows, wrong order"),
        pytest.param([0.0, 5.0], [0.2, 0.3], id="two rows, right order"),
        pytest.param([0.0, 5.0], [0.2, 0.2], id="two rows, constant"),
        pytest.param([0, 0, 0, 1], [0.0, 0.0, 0.0, 1.0], id="all but one tied"),
        pytest.param([1, 2, 3, 4], [7.0, 7.0 + 1e-6, 7.0, 7.0], id="nearly constant predictions"),
    ],
)
def test_regression_agrees_on_degenerate_rows(labels, predictions):
    assert_regression_agrees(labels, predictions)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3)), min_size=2, max_size=12))
def test_regression_agrees_on_any_few_rows(rows):
    labels, predictions = zip(*rows, strict=True)
    assert_regression_agrees(labels, np.array(predictions) / 4)
