import math

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.interaction import interaction
from multipress.analysis.methods import combinations, over_product, pooled
from multipress.analysis.paper import PAPER_METHODS, read_paper
from multipress.analysis.ranking import ranking
from multipress.analysis.score_losses import interaction_score
from multipress.analysis.verdicts import (
    CAN_NOT_TELL,
    against_additivity,
    diminishes,
    loss_verdict,
    opposite,
    ratio_verdict,
)
from multipress.compression import recipes
from tests.unit.analysis.cases import ALL, DIMINISHING, MULTIPLICATIVE, SUPER, results, row, study, unlike, without

COMBINATIONS = combinations(PAPER_METHODS)


def test_the_papers_own_table_gives_its_interactions():
    found = over_product(pooled(read_paper().ratios), PAPER_METHODS)[-1]
    assert dict(zip(COMBINATIONS, found.round(2), strict=True)) == {
        "QAT+KD": 1.16,
        "QAT+MP": 0.87,
        "KD+MP": 1.22,
        "QAT+KD+MP": 1.41,
    }


@pytest.mark.parametrize(
    ("scores", "combination", "ratio"),
    [
        *((MULTIPLICATIVE, name, 1.0) for name in COMBINATIONS),
        (SUPER, "QAT+KD", 16 / (1 * 4)),
        (SUPER, "QAT+KD+MP", 32 / (1 * 4 * 2)),
        (DIMINISHING, "QAT+MP", 1 / (4 * 2)),
        (DIMINISHING, "KD+MP", 1.0),
    ],
)
def test_ratios_known_by_construction_are_found_and_tasks_that_agree_give_no_verdict(scores, combination, ratio):
    found = row(interaction(study(results(scores))), arch="big", combination=combination)
    assert (found["ratio"], found["low"], found["high"]) == pytest.approx((ratio, ratio, ratio))
    assert (found["verdict"], found["n_tasks"], found["n_seeds"]) == (CAN_NOT_TELL, 4, 2)
    assert found["note"] == "no verdict: all 4 tasks agree, so at least 47% of such tasks do (confidence 0.95)"


def test_a_mean_over_tasks_makes_no_synergy_of_what_they_share():
    # Two tasks shrink by every method alone and more by all at once, as the product has it; two tasks do not shrink.
    no_method_works = {("big", recipe): 50.0 for recipe in ALL if recipe != "ft"}
    no_method_works |= {("small", recipe): 50.0 for recipe in ALL}
    table = pd.concat([results(MULTIPLICATIVE, tasks=["a", "b"]), results(no_method_works, tasks=["c", "d"])])
    found = interaction(study(table)).query("arch == 'big'")
    assert found["ratio"].to_numpy() == pytest.approx(np.ones(4))
    shrunk = row(found, combination="QAT+KD")
    assert (shrunk["observed"], shrunk["product"]) == pytest.approx((math.sqrt(16), math.sqrt(4) * math.sqrt(4)))


def test_there_is_no_verdict_from_fewer_than_five_tasks():
    few, enough = (interaction(study(unlike(MULTIPLICATIVE, tasks))) for tasks in ("abcd", "abcde"))
    assert few["verdict"].eq(CAN_NOT_TELL).all()
    assert few["note"].eq("no verdict: 4 tasks are fewer than 5").all()
    assert enough["verdict"].eq("additive").all()
    assert enough["note"].eq("").all()


def test_there_is_no_verdict_from_one_seed_but_what_additivity_gives_is_known():
    table = interaction(study(unlike(MULTIPLICATIVE, seeds=[0])))
    assert table["verdict"].eq(CAN_NOT_TELL).all()
    assert table["note"].eq("no verdict: one seed tells nothing of noise").all()
    assert table[["p", "p_holm"]].isna().all(axis=None)
    assert table["expected_if_additive"].to_numpy() == pytest.approx(table["ratio"].to_numpy())


def test_pooled_is_the_geometric_mean_over_architectures():
    table = interaction(study(results(SUPER)))
    ratios = [row(table, arch=arch, combination="QAT+KD")["ratio"] for arch in ("big", "small", "pooled")]
    assert ratios[2] == pytest.approx(math.sqrt(ratios[0] * ratios[1]))
    assert ratios[0] != ratios[1]


def test_one_task_has_no_interval_and_no_verdict():
    found = row(interaction(study(results(SUPER, tasks=["a"]))), arch="big", combination="QAT+KD")
    assert found["ratio"] == pytest.approx(4)
    assert math.isnan(found["low"])
    assert math.isnan(found["high"])
    assert (found["verdict"], found["note"]) == (CAN_NOT_TELL, "one task: no interval")


def test_one_seed_is_enough_for_an_interval_over_tasks():
    table = results(MULTIPLICATIVE, seeds=[5])
    table.loc[(table["task"] == "a") & (table["recipe"] == "kd-int8"), "score"] = 0.0
    found = row(interaction(study(table)), arch="big", combination="QAT+KD")
    assert found["low"] < found["ratio"] < found["high"]
    assert found["n_seeds"] == 1


def test_missing_models_leave_open_what_rests_on_them_and_nothing_else():
    table = interaction(study(without(results(MULTIPLICATIVE), task="c", arch="small", recipe="kd-int8")))
    for arch in ("big", "pooled"):
        open_one = row(table, arch=arch, combination="QAT+KD")
        assert math.isnan(open_one["ratio"])
        assert (open_one["verdict"], open_one["note"]) == (CAN_NOT_TELL, "c lacks small/kd-int8")
        assert row(table, arch=arch, combination="KD+MP")["ratio"] == pytest.approx(1)


def test_an_interval_that_a_missing_model_could_change_is_open_while_the_ratio_is_known():
    table = results({("small", "ft-int8"): 90.0}, tasks=["a", "b"])
    wavering = (table["task"] == "a") & (table["arch"] == "small") & (table["recipe"] == "ft-int8")
    table.loc[wavering & (table["seed"] == 0), "score"] = 85.0
    table.loc[wavering & (table["seed"] == 1), "score"] = 94.5  # the mean qualifies, seed 0 drawn twice does not
    found = row(
        interaction(study(without(table, task="a", arch="big", recipe="ft-int8"))), arch="big", combination="QAT+MP"
    )
    assert found["ratio"] == pytest.approx(8 / (16 * 2))
    assert math.isnan(found["low"])
    assert found["note"] == "no interval: in some draws a missing model would decide"


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (1.2, 1.5, "super-multiplicative"),
        (0.5, 0.8, "diminishing"),
        (0.95, 1.05, "multiplicative"),
        (1.02, 1.08, "multiplicative"),  # unequal, but by less than counts
        (1.02, 1.2, "super-multiplicative"),
        (0.8, 1.2, CAN_NOT_TELL),
        (0.95, 1.5, CAN_NOT_TELL),
        (0.5, 1.05, CAN_NOT_TELL),
        (math.nan, math.nan, CAN_NOT_TELL),
    ],
)
def test_equivalence_is_asked_before_direction(low, high, word):
    assert ratio_verdict(low, high, 0.1) == word


@pytest.mark.parametrize(
    ("low", "high", "p", "word"),
    [
        (1.2, 1.5, 0.05, "super-multiplicative"),
        (0.5, 0.8, 0.05, "diminishing"),
        (1.2, 1.5, 0.06, CAN_NOT_TELL),  # an interval alone gives no direction
        (0.9, 1.5, 0.01, "super-multiplicative"),
        (0.7, 1.2, 0.01, "diminishing"),
        (0.95, 1.05, 0.01, "additive"),
        (0.95, 1.05, 1.0, "additive"),
        (1.2, 1.5, math.nan, CAN_NOT_TELL),
        (math.nan, math.nan, 0.01, CAN_NOT_TELL),
    ],
)
def test_a_direction_beyond_additivity_needs_a_p_value(low, high, p, word):
    assert against_additivity(low, high, 0.1, p, 0.05) == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(-0.05, 0.08, "the sum"), (-2, -1, "less than the sum"), (0.2, 1, "more than the sum"), (-1, 1, CAN_NOT_TELL)],
)
def test_losses_have_words_of_their_own(low, high, word):
    assert loss_verdict(low, high, 0.1) == word


def test_no_diminishing_returns_need_not_be_more_than_the_product():
    assert opposite(diminishes(0.95, 2.0, 0.1)) == "supported"
    assert opposite(diminishes(0.5, 0.8, 0.1)) == diminishes(1.2, 1.5, 0.1) == "not supported"
    assert opposite(diminishes(0.5, 2.0, 0.1)) == diminishes(math.nan, math.nan, 0.1) == CAN_NOT_TELL


def test_losses_of_combinations_are_held_to_the_sum_of_single_losses():
    scores = {("big", "ft-int8"): 89.0, ("big", "ft-mp50"): 88.0, ("big", "ft-mp50-int8"): 85.0}
    table = interaction_score(study(results(scores)))
    found = row(table, arch="big", combination="QAT+MP")
    assert [found[key] for key in ("loss", "sum", "difference", "low", "high")] == pytest.approx([5, 3, 2, 2, 2])
    assert (found["recipe"], found["verdict"]) == ("ft-mp50-int8", CAN_NOT_TELL)
    assert found["note"].startswith("no verdict: all 4 tasks agree")
    assert row(table, arch="pooled", combination="QAT+MP")["difference"] == pytest.approx(1)
    unequal = interaction_score(study(unlike(scores)))
    assert row(unequal, arch="big", combination="QAT+MP")["verdict"] == "more than the sum"
    assert row(unequal, arch="small", combination="QAT+MP")["verdict"] == "the sum"
    assert unequal["note"].eq("").all()
    strict = interaction_score(study(unlike(scores), equivalence_points=1e-4))
    assert row(strict, arch="small", combination="QAT+MP")["verdict"] == CAN_NOT_TELL


def test_of_several_shared_sparsities_the_strongest_stands_for_pruning():
    table = results(names=recipes.cross([["ft", "kd"], ["mp40", "mp60"], ["int8"]]))
    assert row(interaction_score(study(table)), arch="big", combination="QAT+MP")["recipe"] == "ft-mp60-int8"


def test_losses_are_taken_at_the_strongest_sparsity_that_all_architectures_have():
    more = results(names=["ft", "ft-mp70", "kd-mp70"])
    more["paper_mb"] = 1.0
    table = results().merge(more[more["arch"] == "big"], how="outer")
    found = row(interaction_score(study(table)), arch="pooled", combination="KD+MP")
    assert (found["recipe"], found["difference"]) == ("kd-mp50", 0)


def test_methods_that_tie_share_the_first_place():
    table = ranking(study(results(MULTIPLICATIVE), budgets=[]))
    found = {name: row(table, arch="big", method=name) for name in ("QAT", "KD", "MP")}
    assert {name: (values["rank"], values["first"]) for name, values in found.items()} == {
        "QAT": (1, 0.5),
        "KD": (1, 0.5),
        "MP": (3, 0),
    }


def test_a_larger_budget_can_change_which_method_is_first():
    table = ranking(study(results(SUPER), tolerance=0.5, budgets=[6.0]))
    assert [row(table, arch="big", method="QAT", budget=budget)["ratio"] for budget in (0.5, 6.0)] == [1, 4]
    assert row(table, arch="big", method="KD", budget=0.5)["first"] == 1


def test_methods_are_ranked_among_those_that_the_results_have():
    table = ranking(study(results(names=[recipe for recipe in ALL if "kd" not in recipe])))
    found = row(table, arch="big", method="QAT", budget=0.5)
    assert (found["ratio"], found["rank"], found["first"]) == (4, 1, 1)
    assert set(table["method"]) == {"QAT", "MP"}


def test_a_combination_whose_single_methods_are_not_there_is_open_and_names_them():
    found = row(interaction(study(results(names=["ft", "ft-mp50-int8", "ft-mp50"]))), arch="big", combination="QAT+MP")
    assert found["observed"] == pytest.approx(8)
    assert np.isnan([found["product"], found["ratio"], found["low"]]).all()
    assert (found["verdict"], found["note"]) == (CAN_NOT_TELL, "no model of QAT")
