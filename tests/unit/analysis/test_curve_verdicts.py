"""Do sizes multiply at equal score, and do methods interact?"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from benchmarks.additive_truths import simulate
from benchmarks.synthetic_study import Population
from multipress.analysis.curve_verdicts import p_value, with_verdicts
from multipress.analysis.grid import grid
from multipress.analysis.interaction_curve import interaction_curve, of_tasks
from multipress.analysis.settings import AnalyzeSettings
from tests.unit.analysis.cases import row
from tests.unit.analysis.test_interaction_curve import results

COMBINATIONS = ["QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"]
VERDICTS = ["verdict", "beyond_additivity"]
STEEP = (-1.5, -0.8, 0.2, 1.0, 1.5, 0.2)
"""Points that distillation gives an architecture, the largest first, beyond its mean effect: about the paper's."""


def judged(table):
    grids = {"paper_mb": grid(table)}
    per_task = of_tasks(grids, 0.95)
    settings = AnalyzeSettings()
    return with_verdicts(interaction_curve(per_task, grids, settings.confidence), per_task, settings)


def pooled(table):
    return judged(table).query("range == 'pooled'").set_index("method")


def drawn(number=0, tasks=8, seeds=3, **population):
    return Population(**{"task_spread": 0.2} | population).draw(np.random.default_rng([9, number]), tasks, seeds)


def test_what_is_recovered_after_distillation_is_found_and_nothing_else():
    found = pooled(drawn(recovered=0.6))
    recovered = ["QAT+KD", "KD+MP", "QAT+KD+MP"]
    assert found.loc[recovered, "beyond_additivity"].eq("super-multiplicative").all()
    assert found.loc["QAT+MP", "beyond_additivity"] == "additive"
    assert (found.loc[recovered, "p_holm"] < 0.01).all()
    assert pooled(drawn(recovered=-0.6)).loc[recovered, "beyond_additivity"].eq("diminishing").all()


def test_losses_that_add_up_are_additive_also_where_sizes_do_not_multiply():
    found = pooled(drawn(recovered=0.0, gain_by_arch=STEEP))
    assert found.loc["KD+MP", "verdict"] == "diminishing"
    assert found.loc["KD+MP", "expected_if_additive"] == pytest.approx(found.loc["KD+MP", "ratio"], rel=0.02)
    assert found.loc[COMBINATIONS, "beyond_additivity"].eq("additive").all()


def test_ends_and_p_values_are_those_of_students_test_over_tasks():
    table = drawn(recovered=0.1)
    tasks = of_tasks({"paper_mb": grid(table)}, 0.95).query("range == 'pooled' and method == 'KD+MP'")
    logs = np.log(tasks["ratio"] / tasks["expected_if_additive"])
    test = ttest_1samp(logs, 0)
    found = pooled(table).loc["KD+MP"]
    assert found["p"] == pytest.approx(test.pvalue)
    ends = [found["beyond_low"], found["beyond"], found["beyond_high"]]
    interval = test.confidence_interval(0.95)
    assert np.log(ends) == pytest.approx([interval.low, logs.mean(), interval.high])
    assert found["beyond"] == pytest.approx(found["ratio"] / found["expected_if_additive"])


def test_p_values_are_adjusted_over_the_combinations_of_one_range():
    table = judged(drawn(recovered=0.1))
    for _, of_range in table[table["p"].notna()].groupby("range"):
        least = of_range.loc[of_range["p"].idxmin()]
        assert least["p_holm"] == pytest.approx(min(1, len(of_range) * least["p"]))
    assert table["p"].notna().sum() > 4


@pytest.mark.parametrize(("errors", "verdict"), [(2.8, "can't tell"), (4.0, "super-multiplicative")])
def test_whether_sizes_multiply_is_asked_of_all_combinations_together(errors, verdict):
    """Eight tasks exclude 1 from 2.4 standard errors on, but each of four intervals may miss in a quarter of cases."""
    grids = {"paper_mb": grid(drawn())}
    per_task = of_tasks(grids, 0.95)
    spread = np.array([-1.0, 1, -2, 2, -1, 1, -1.5, 1.5]) / 4
    logs = spread + errors * spread.std(ddof=1) / math.sqrt(8)
    of_pair = (per_task["range"] == "pooled") & (per_task["method"] == "KD+MP")
    per_task.loc[of_pair, "ratio"] = np.exp(logs)
    found = row(
        with_verdicts(interaction_curve(per_task, grids, 0.95), per_task, AnalyzeSettings()),
        range="pooled",
        method="KD+MP",
    )
    assert found["ratio_low"] > 1
    assert found["verdict"] == verdict


def test_single_methods_have_no_verdict_and_no_word_of_it():
    found = pooled(drawn())
    assert found.loc[["QAT", "KD", "MP"], VERDICTS].eq("").all(axis=None)
    assert found.loc[["QAT", "KD", "MP"], "note"].eq("").all()
    assert found.loc[["QAT", "KD", "MP"], ["beyond", "p", "p_holm", "expected_if_additive"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("table", "note"),
    [
        (drawn(tasks=4), "no verdict: 4 tasks are fewer than 5"),
        (drawn(tasks=1), "one task: no interval"),
        (results(tasks="abcdef"), "no verdict: all 6 tasks agree"),
    ],
)
def test_where_there_is_no_verdict_the_note_says_why(table, note):
    found = pooled(table).loc[COMBINATIONS]
    assert found[VERDICTS].eq("can't tell").all(axis=None)
    assert found["note"].eq(note).all()


def test_a_margin_that_hides_what_a_method_gives_alone_is_told():
    """That is where a combination counts as the product, and would, too, if the method added nothing."""
    found = pooled(drawn(recovered=0.0, seeds=9, effects=(0.02, -0.25, -0.1, -0.2)))
    assert found.loc[COMBINATIONS, "verdict"].eq("multiplicative").all()
    alone = found.loc["KD", "times_smaller"]
    assert 0.95 < alone < 1.05
    note = f"the margin of 10% does not tell whether KD (alone {alone:.2f}) adds anything"
    assert found.loc[["QAT+KD", "KD+MP", "QAT+KD+MP"], "note"].eq(note).all()
    assert found.loc["QAT+MP", "note"] == ""


def test_what_is_open_has_no_verdict_and_keeps_its_note():
    table = drawn()
    gone = (table["task"] == "task1") & (table["arch"] == "mini") & (table["recipe"] == "kd-int8")
    found = pooled(table[~gone])
    assert found.loc["QAT+KD", VERDICTS].eq("can't tell").all()
    assert found.loc["QAT+KD", "note"] == "task1 lacks mini/kd-int8"
    assert math.isnan(found.loc["QAT+KD", "p_holm"])
    assert found.loc["KD+MP", "beyond_additivity"] == "super-multiplicative"


def test_additive_scores_of_the_known_case_give_exactly_the_product():
    found = row(of_tasks({"paper_mb": grid(results())}, 0.95), task="a", range="pooled", method="KD+MP")
    assert found["expected_if_additive"] == pytest.approx(1)


def test_p_values_are_not_known_from_one_task_nor_from_equal_ones():
    assert math.isnan(p_value(np.array([2.0])))
    assert math.isnan(p_value(np.array([2.0, 2.0, 2.0])))
    assert math.isnan(p_value(np.array([2.0, np.nan])))


def test_the_benchmark_counts_directions_of_studies():
    settings = AnalyzeSettings(draws=100)
    steep = Population(task_spread=0.2, recovered=0, gain_by_arch=STEEP)
    additive, recovered = (simulate(of, 8, 3, 3, settings) for of in (steep, Population(task_spread=0.2)))
    assert additive.any_direction("interact") == 0
    assert additive.any_direction("multiply") == 1
    assert (recovered.found["interact"] == [1, 0, 1, 1]).all()
    assert recovered.estimates["ratio"].shape == (3, 4)
    assert 0 <= additive.coverage("beyond", np.ones(4)) <= 1
    assert recovered.coverage("beyond", np.full(4, 9.0)) == 0


def test_rows_keep_their_order():
    table = drawn()
    grids = {"paper_mb": grid(table)}
    before = interaction_curve(of_tasks(grids, 0.95), grids, 0.95)
    pd.testing.assert_frame_equal(judged(table)[["size", "range", "method"]], before[["size", "range", "method"]])
