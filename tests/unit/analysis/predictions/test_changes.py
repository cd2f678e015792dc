import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from multipress.analysis.prediction_tables import CHANGES
from multipress.analysis.predictions.calibration import brier, expected_calibration_error, probabilities
from multipress.analysis.predictions.changes import changes_of_cell, changes_table
from tests.unit.analysis.cases import row
from tests.unit.analysis.predictions.files import cell, logits_of

LABELS = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2])


def answers(**others):
    """The labels but for some rows: ``_3=1`` answers 1 to row 3."""
    found = LABELS.copy()
    for number, answer in others.items():
        found[int(number[1:])] = answer
    return logits_of(found, classes=3)


def table(tmp_path, *seeds, **options):
    return changes_table(changes_of_cell(cell(tmp_path, seeds, LABELS, **options), {}))


def test_rows_that_change_are_lost_won_or_wrong_both_times(tmp_path):
    seed = {"ft": answers(_0=1, _1=1, _2=1), "ft-mp60": answers(_0=1, _1=2, _6=0, _7=0, _8=0)}
    found = row(table(tmp_path, seed), recipe="ft-mp60")
    for against in ("parent", "ft"):
        assert found[f"churn_{against}"] == pytest.approx(0.5)  # rows 1, 2, 6, 7, 8
        assert found[f"right_to_wrong_{against}"] == pytest.approx(0.3)
        assert found[f"wrong_to_right_{against}"] == pytest.approx(0.1)
    assert (found["subset"], found["parent"], found["n_rows"], found["n_seeds"]) == ("MP", "ft", 10, 1)


def test_a_model_is_held_to_its_parent_apart_from_ft(tmp_path):
    seed = {"ft": answers(), "kd": answers(_0=1), "kd-int8": answers(_0=1, _1=1)}
    found = table(tmp_path, seed)
    assert tuple(found) == CHANGES.columns
    assert row(found, recipe="kd-int8")["churn_parent"] == pytest.approx(0.1)
    assert row(found, recipe="kd-int8")["churn_ft"] == pytest.approx(0.2)
    assert np.isnan(row(found, recipe="kd")["churn_parent"])
    assert np.isnan(row(found, recipe="ft")["churn_ft"])


def test_shares_are_means_over_seeds_and_rows_lost_are_those_of_most_seeds(tmp_path):
    lost = [{"_0": 1, "_1": 1}, {"_0": 1, "_2": 1}, {"_0": 1, "_1": 1}]
    fine_tuned = [answers(_1=1), answers(), answers()]
    seeds = [{"ft": ft, "kd": answers(**rows)} for ft, rows in zip(fine_tuned, lost, strict=True)]
    found = row(table(tmp_path, *seeds), recipe="kd")
    assert found["lost_by_most"] == 2  # rows 0 and 1
    assert found["churn_ft"] == pytest.approx((1 + 2 + 2) / 30)


def test_the_rarest_label_is_that_of_the_fewest_rows_and_the_lowest_of_equals(tmp_path):
    found = row(table(tmp_path, {"ft": answers(_6=0, _8=0, _9=1)}))
    assert (found["rarest_label"], found["rarest_recall"]) == (1, pytest.approx(0.5))


def test_mismatched_is_held_to_matched_where_both_are_there(tmp_path):
    other = ("dev_mismatched", LABELS, {"ft": answers(_0=1, _1=1, _2=1)})
    seed = {"ft": answers(_0=1)}
    assert row(table(tmp_path, seed, splits=[other]))["mismatched_minus_matched"] == pytest.approx(-20)
    assert np.isnan(row(table(tmp_path / "alone", seed))["mismatched_minus_matched"])


def test_calibration_is_that_of_known_probabilities(tmp_path):
    found = row(table(tmp_path, {"ft": answers(_0=1)}))  # 0.9 sure, 0.9 right
    assert found["ece"] == pytest.approx(0, abs=1e-6)
    assert found["brier"] == pytest.approx((9 * (0.1**2 + 2 * 0.05**2) + (0.9**2 + 0.95**2 + 0.05**2)) / 10, rel=1e-5)


def test_a_regression_has_no_rows_lost(tmp_path):
    found = changes_table(changes_of_cell(cell(tmp_path, [{"ft": LABELS[:, None], "kd": LABELS[:, None]}], LABELS), {}))
    assert found[["churn_ft", "ece", "rarest_recall"]].isna().all(axis=None)
    assert set(found["note"]) == {"a regression: no row is right or wrong"}


def test_the_calibration_error_is_the_mean_gap_of_the_bins():
    of_classes = np.array([[0.96, 0.04], [0.94, 0.06], [0.3, 0.7], [0.3, 0.7], [0.5, 0.5]])
    labels = np.array([0, 1, 1, 0, 0])
    gaps = abs(0.96 + 0.94 - 1) + abs(2 * 0.7 - 1) + abs(0.5 - 1)
    assert expected_calibration_error(of_classes, labels) == pytest.approx(gaps / 5)
    assert expected_calibration_error(np.array([[1.0, 0.0]]), np.array([1])) == 1


def test_there_are_fifteen_bins():
    of_classes = np.array([[0.935, 0.065], [0.930, 0.070]])  # on both sides of 14/15
    assert expected_calibration_error(of_classes, np.array([0, 1])) == pytest.approx((0.065 + 0.930) / 2)


def test_the_brier_score_of_two_classes_is_twice_that_of_one():
    random = np.random.default_rng(0)
    labels, found = random.integers(2, size=100), probabilities(random.normal(size=(100, 2)))
    assert brier(found, labels) == pytest.approx(2 * brier_score_loss(labels, found[:, 1]))


def test_large_logits_have_probabilities():
    assert probabilities(np.array([[1000.0, 0.0]])).tolist() == [[1, 0]]
