import numpy as np
import pandas as pd
import pytest

from multipress.analysis.holm import holm
from multipress.analysis.prediction_tables import SIGNIFICANCE
from multipress.analysis.predictions.pair_tests import mcnemar_mid_p
from multipress.analysis.predictions.paired import Resampling
from multipress.analysis.predictions.significance import significance_of_cell, significance_table
from tests.unit.analysis.cases import row
from tests.unit.analysis.predictions.files import cell

LABELS = np.repeat([0, 1], 50)


def wrong(rows):
    """Answers that are wrong in these rows alone."""
    answers = LABELS.copy()
    answers[list(rows)] = 1 - answers[list(rows)]
    return answers


FT = wrong(range(10))
SEED = {
    "ft": FT,
    "ft-mp60": wrong(range(5, 25)),
    "ft-mp60-int8": wrong(range(5, 20)),
    "ft-ptq8": FT,
    "kd": wrong([]),
}


def table(tmp_path, seeds, metric="accuracy", labels=LABELS, confidence=0.95):
    found = cell(tmp_path, seeds, labels)
    return significance_table(significance_of_cell(found, metric, Resampling(200, 0), confidence))


def test_every_model_is_held_to_its_parent_and_to_ft(tmp_path):
    found = table(tmp_path, [SEED])
    assert tuple(found) == SIGNIFICANCE.columns
    assert [tuple(each) for each in found[["recipe", "against", "reference"]].to_numpy()] == [
        ("ft-mp60", "parent", "ft"),
        ("ft-mp60", "ft", "ft"),
        ("ft-mp60-int8", "parent", "ft-mp60"),
        ("ft-mp60-int8", "ft", "ft"),
        ("ft-ptq8", "parent", "ft"),
        ("ft-ptq8", "ft", "ft"),
        ("kd", "ft", "ft"),
    ]


def test_rows_lost_and_won_are_counted_over_all_seeds(tmp_path):
    found = row(table(tmp_path, [SEED, SEED]), recipe="ft-mp60", against="ft")
    assert (found["right_to_wrong"], found["wrong_to_right"]) == (30, 10)
    assert found["mcnemar_p"] == pytest.approx(mcnemar_mid_p(30, 10))
    assert found["difference"] == pytest.approx(-10)
    assert (found["n_rows"], found["n_seeds"], found["note"]) == (100, 2, "")
    assert found["low"] < -10 < found["high"] < 0


def test_what_gains_more_has_the_smaller_p(tmp_path):
    found = table(tmp_path, [SEED]).set_index(["recipe", "against"])["p"]
    assert found["kd", "ft"] < 0.01 < found["ft-mp60-int8", "parent"] < found["ft-ptq8", "ft"] == 1


def test_p_values_are_adjusted_among_those_with_the_same_reference(tmp_path):
    found = table(tmp_path, [SEED])
    for against in ("parent", "ft"):
        family = found[found["against"] == against]
        assert family["p_holm"].tolist() == pytest.approx(holm(family["p"].to_numpy()))
        assert family["mcnemar_holm"].tolist() == pytest.approx(holm(family["mcnemar_p"].to_numpy()))


def test_notes_say_what_is_not_in_a_row(tmp_path):
    note = row(table(tmp_path, [SEED]), recipe="ft-ptq8", against="ft")["note"]
    assert note == "one seed: what another would change is not in it; no prediction differs"


def test_a_regression_has_no_right_rows(tmp_path):
    labels = np.linspace(0, 5, 40)
    models = {"ft": labels[:, None] + 1, "ft-int8": labels[::-1, None]}
    found = row(table(tmp_path, [models], "pearson", labels), against="ft")
    assert found["difference"] == pytest.approx(-200)
    assert pd.isna(found["right_to_wrong"])
    assert np.isnan(found["mcnemar_p"])
    assert "a regression" in found["note"]


def test_only_seeds_that_both_have_are_compared(tmp_path):
    found = table(tmp_path, [SEED, {"ft": FT}])
    assert set(found["n_seeds"]) == {1}
    nothing_shared = table(tmp_path / "apart", [{"ft": FT}, {"kd": FT}])
    assert nothing_shared.empty
    assert tuple(nothing_shared) == SIGNIFICANCE.columns
