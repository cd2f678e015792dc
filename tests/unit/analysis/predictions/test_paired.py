import numpy as np
import pytest
from scipy import stats

from multipress.analysis.predictions.paired import (
    Difference,
    Resampling,
    _variances_of_draws,
    _variances_of_mean,
    answers,
    difference,
    mean_over_tasks,
)
from multipress.analysis.predictions.weighted_scores import Score

ACCURACY, PEARSON = Score("accuracy", 2), Score("pearson", 1)


def compare(score, labels, first, second, draws=2000, seed=0):
    """Models with predictions of shape (seeds, rows)."""
    names = {(model, number): own for model, seeds in enumerate((first, second)) for number, own in enumerate(seeds)}
    found = answers(score, labels, names, Resampling(draws, seed))
    of_models = ([found[model, number] for number in range(len(first))] for model in (0, 1))
    return difference(score, labels, *of_models)


def noisy(random, labels, share):
    """Answers that are wrong in this share of rows."""
    return np.where(random.random(labels.shape) < share, 1 - labels, labels)


def test_the_difference_is_that_of_the_scores_in_points():
    labels = np.array([0.0, 0, 1, 1])
    found = compare(ACCURACY, labels, np.array([[0, 0, 1, 0], [0, 0, 0, 0]]), np.array([[0, 0, 1, 1], [0, 0, 0, 1]]))
    assert found.value == pytest.approx(25)


def test_the_error_of_accuracy_is_that_of_drawn_rows():
    random = np.random.default_rng(1)
    labels = random.integers(2, size=400).astype(float)
    first, second = noisy(random, labels, 0.2), noisy(random, labels, 0.25)
    by_row = 100.0 * ((second == labels) * 1.0 - (first == labels))
    peer = stats.bootstrap((by_row,), np.mean, n_resamples=20_000, rng=2, method="percentile")
    found = compare(ACCURACY, labels, first[None], second[None])
    assert found.error == pytest.approx(peer.standard_error, rel=0.02)
    assert found.interval(0.95) == pytest.approx(tuple(peer.confidence_interval), abs=0.2)
    assert found.p == pytest.approx(stats.ttest_1samp(by_row, 0).pvalue, rel=0.05)


def test_the_error_of_a_correlation_is_that_of_drawn_rows():
    random = np.random.default_rng(3)
    labels = random.normal(size=300)
    first, second = (labels + random.normal(0, spread, 300) for spread in (0.5, 0.8))

    def statistic(a, b, c):
        return 100 * (np.corrcoef(a, c)[0, 1] - np.corrcoef(a, b)[0, 1])

    peer = stats.bootstrap(
        (labels, first, second), statistic, paired=True, vectorized=False, n_resamples=4000, rng=4, method="percentile"
    )
    found = compare(PEARSON, labels, first[None], second[None], draws=4000)
    assert found.error == pytest.approx(peer.standard_error, rel=0.06)
    assert found.value == pytest.approx(statistic(labels, first, second))


def test_models_that_agree_on_every_row_are_not_equal_with_certainty():
    labels = np.zeros(277)
    found = compare(ACCURACY, labels, labels[None], labels[None])
    assert found.value == 0
    assert found.p == 1
    assert found.interval(0.95)[1] == pytest.approx(1.969 * 100 / 277, rel=1e-3)


def test_seeds_that_differ_more_than_rows_explain_widen_the_interval():
    random = np.random.default_rng(6)
    labels = random.integers(2, size=1000).astype(float)
    first = np.stack([noisy(random, labels, 0.2) for _ in range(4)])
    alike = compare(ACCURACY, labels, first, np.stack([noisy(random, labels, 0.2) for _ in range(4)]))
    shares = (0.1, 0.2, 0.2, 0.3)
    unlike = compare(ACCURACY, labels, first, np.stack([noisy(random, labels, share) for share in shares]))
    assert unlike.rows == pytest.approx(alike.rows, rel=0.2)
    assert unlike.seeds > 20 * alike.seeds
    assert unlike.freedom < 4
    assert unlike.error > 2 * alike.error


@pytest.mark.parametrize("score", [ACCURACY, PEARSON], ids=["accuracy", "pearson"])
def test_of_equal_models_few_are_called_different(score):
    """Rows differ in difficulty, seeds in skill. By simulation 2 to 5 % are; 500 studies are off by 1 %."""
    false = 0
    random = np.random.default_rng(7)
    for _ in range(500):
        rows, seeds = 250, 3
        hard, skill = random.normal(0, 1, rows), random.normal(0, 0.1, (2, seeds, 1))
        noise = random.normal(0, 1, (2, seeds, rows))
        if score is ACCURACY:
            labels = np.zeros(rows)
            models = (hard + noise + skill > 1).astype(float)
        else:
            labels = random.normal(0, 1, rows)
            models = labels + hard + noise * (1 + skill)
        false += compare(score, labels, *models, draws=200).p < 0.05
    assert 0.01 * 500 <= false <= 0.07 * 500


def test_what_rows_give_a_single_seed_is_the_whole_where_seeds_share_nothing():
    random = np.random.default_rng(9)
    rows, single = _variances_of_draws(random.normal(0, 2, (3, 20_000)))
    assert rows == pytest.approx(4 / 3, rel=0.05)
    assert single == pytest.approx(4, rel=0.05)
    by_row = 100.0 * (random.random((3, 20_000)) < 0.5)
    assert _variances_of_mean(by_row)[1] * 20_000 == pytest.approx(2500, rel=0.05)


def test_the_same_seed_draws_the_same_rows():
    random = np.random.default_rng(8)
    labels = random.normal(size=50)
    models = labels + random.normal(size=(2, 1, 50))
    errors = [compare(PEARSON, labels, *models, draws=100, seed=seed).error for seed in (1, 1, 2)]
    assert errors[0] == errors[1] != errors[2]


def test_a_mean_over_tasks_has_the_errors_of_its_parts():
    parts = [Difference(1.0, 4.0, 0.0, 99), Difference(3.0, 0.0, 4.0, 2)]
    found = mean_over_tasks(parts)
    assert (found.value, found.rows, found.seeds) == (2.0, 1.0, 1.0)
    assert found.error == pytest.approx(2**0.5)
    assert found.freedom == pytest.approx(4 / (1 / 99 + 1 / 2))
