"""The report's first sentence: of tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.tables import INTERACTION_CURVE
from multipress.core.words import change, points
from multipress.reporting.answers import of_experiment, of_own_tasks

KNOWN = {
    "size": "paper_mb",
    "range": "pooled",
    "times_smaller": 12.3,
    "low": 8.0,
    "high": 19.0,
    "ratio": 1.04,
    "ratio_low": 0.98,
    "ratio_high": 1.09,
    "ratio_low_simultaneous": 0.95,
    "ratio_high_simultaneous": 1.13,
    "verdict": "multiplicative",
    "n_tasks": 8,
    "note": "",
}


def curves(**cells):
    rows = [{"method": method, **KNOWN} for method in ("QAT", "QAT+KD")] + [{"method": "QAT+KD+MP", **KNOWN, **cells}]
    other = {**KNOWN, "method": "QAT+KD+MP", "size": "packed_mb", "verdict": "diminishing"}
    return pd.DataFrame([*rows, other], columns=INTERACTION_CURVE.columns)


def test_the_combination_of_most_methods_answers_with_its_intervals():
    assert of_experiment(curves(), 0.95) == (
        "At equal score QAT+KD+MP makes models 12.30 times smaller (95% interval 8.00 to 19.00), which is 1.04 times "
        "the product of its parts (95% interval for all combinations together 0.95 to 1.13), over 8 tasks: "
        "sizes multiply."
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("super-multiplicative", ": sizes do more than multiply."),
        ("diminishing", ": sizes do less than multiply."),
        ("can't tell", ": whether sizes multiply cannot be told from that."),
    ],
)
def test_each_verdict_is_said(verdict, said):
    assert of_experiment(curves(verdict=verdict), 0.95).endswith(said)


def test_what_there_is_to_note_is_said():
    said = of_experiment(curves(note="one seed tells nothing of noise"), 0.95)
    assert said.endswith(": sizes multiply (one seed tells nothing of noise).")


def test_what_has_no_interval_has_none_in_the_sentence():
    nothing = dict.fromkeys(["low", "high", "ratio_low_simultaneous", "ratio_high_simultaneous"], np.nan)
    assert "interval" not in of_experiment(curves(n_tasks=1, **nothing), 0.95)
    assert "over 1 task:" in of_experiment(curves(n_tasks=1, **nothing), 0.95)


def test_what_is_not_known_is_said_with_the_reason():
    said = of_experiment(curves(ratio=np.nan, times_smaller=np.nan, note="one architecture makes no curve"), 0.95)
    assert said == "Whether sizes multiply is not known here, for QAT+KD+MP: one architecture makes no curve."
    assert "combines no methods" in of_experiment(curves().iloc[:1], 0.95)


def test_own_tasks_without_predictions_or_reference_say_why(tmp_path):
    rows = {"task": "a", "arch": "full", "seed": 1, "score": 90.0, "paper_mb": 4.0}
    said = of_own_tasks(pd.DataFrame([{**rows, "recipe": "ft"}]), tmp_path, 0.5, 0.9)
    assert said.startswith("Which model to take is not known: ")
    assert "No uncompressed model" in of_own_tasks(pd.DataFrame([{**rows, "recipe": "kd"}]), tmp_path, 0.5, 0.9)


def test_points_and_changes_are_said_as_people_do():
    assert [points(number) for number in (1, 0.5, 2)] == ["1 point", "0.5 points", "2 points"]
    assert change(0.3) == "loses 0.30 points"
    assert change(-0.3, 0.1) == "gains 0.30 points, loses at most 0.10"
    assert change(-0.001, 0.8) == "loses 0.00 points, at most 0.80"
