"""The baselines learn what words tell, and no more; scores have intervals."""

import random

import numpy as np
import pytest

from multipress.evaluation.metrics import majority_score
from multipress.shrink.baselines import linear, majority
from multipress.shrink.parts import divide
from multipress.shrink.scores import Judge
from multipress.shrink.source import read
from tests.unit.shrink.test_rows import weather, write_csv


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    file = write_csv(tmp_path_factory.mktemp("words") / "rows.csv", weather(400))
    return divide(read(file, ["review"], "stars"))


def test_the_majority_scores_what_an_evaluation_says_of_it(words):
    judge = Judge(words.dev, "accuracy")
    expected = majority_score("classification", "accuracy", words.dev.labels, 2, "dev")
    assert judge.points(majority(words).dev) == pytest.approx(expected)


def test_a_linear_model_learns_words_that_tell_the_class(words):
    found = linear(words)
    assert Judge(words.test, "accuracy").points(found.test) == 100
    assert 0 < found.megabytes < 1


def test_a_linear_model_reads_both_texts_of_a_pair(tmp_path):
    generator = random.Random(0)
    rows = []
    for number in range(600):
        first, second = generator.choice(["sun", "rain"]), generator.choice(["sun", "rain"])
        label = "both" if (first, second) == ("sun", "rain") else "other"
        rows.append((f"a {number} {first}", f"b {number} {second}", label))
    divided = divide(read(write_csv(tmp_path / "rows.csv", rows, ("one", "two", "label")), ["one", "two"], "label"))
    assert Judge(divided.test, "f1").points(linear(divided).test) > 95


def test_numbers_are_predicted_by_ridge_regression_and_the_mean(tmp_path):
    generator = random.Random(0)
    values = {"poor": 1.5, "fair": 2.5, "fine": 4.0}
    rows = []
    for number in range(400):
        word = generator.choice(list(values))
        rows.append((f"a {word} day {number}", values[word] + generator.uniform(-0.2, 0.2)))
    divided = divide(read(write_csv(tmp_path / "rows.csv", rows), ["review"], "stars"))
    judge = Judge(divided.test, "pearson")
    assert judge.points(linear(divided).test) > 90
    assert judge.points(majority(divided).test) == 0
    assert majority(divided).test[0] == pytest.approx(divided.train.labels.mean())


@pytest.mark.parametrize("metric", ["accuracy", "f1", "matthews"])
def test_an_interval_holds_the_score_and_shrinks_with_rows(tmp_path, metric):
    widths = []
    for rows in (300, 3000):
        file = write_csv(tmp_path / "rows.csv", weather(rows))
        test = divide(read(file, ["review"], "stars")).test
        wrong = np.arange(len(test)) % 10 == 0
        predictions = np.where(wrong, 1 - test.labels, test.labels)
        judge = Judge(test, metric)
        low, high = judge.interval(predictions)
        assert low < judge.points(predictions) < high
        widths.append(high - low)
    assert widths[0] > 2 * widths[1]


def test_a_loss_is_the_difference_of_scores_and_its_limit_lies_above(words):
    judge = Judge(words.test, "accuracy")
    right = words.test.labels
    wrong = np.where(np.arange(len(right)) < 3, 1 - right, right)
    loss = judge.loss(right, wrong)
    assert loss.value == pytest.approx(100 * 3 / len(right))
    assert loss.at_most > loss.value
    assert judge.loss(wrong, right).value == pytest.approx(-loss.value)
