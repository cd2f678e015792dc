import math

import numpy as np
import pytest
from pydantic import ValidationError

from benchmarks.equal_models import experiment
from multipress.analysis.paper import PAPER_METHODS
from multipress.analysis.ranking_size import ranking_size
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.tables import RANKING_SIZE
from tests.unit.analysis.cases import ALL, results, row, study, without

SUBSETS = ["none", *PAPER_METHODS]
SCORES = {("big", recipe): 90.0 + gain for gain, recipe in enumerate(ALL)}
"""In the order of ``ALL``: ft 90, ft-int8 91, ft-mp50 92, ft-mp50-int8 93, kd 94 … kd-mp50-int8 97; small 80."""

SINGLE = [recipe for recipe in ALL if recipe in ("ft", "kd", "ft-int8", "ft-mp50")]


def at(table, subset, **budget):
    return row(table, subset=subset, **budget)


def places(table, **budget):
    return {subset: (at(table, subset, **budget)["rank"], at(table, subset, **budget)["first"]) for subset in SUBSETS}


def test_each_subset_has_its_best_model_within_the_size_of_each_uncompressed_architecture():
    table = ranking_size(study(results(SCORES)))
    assert table.columns.tolist() == list(RANKING_SIZE.columns)
    assert table["subset"].tolist() == 2 * SUBSETS
    assert table["budget_mb"].tolist() == 8 * [120.0] + 8 * [30.0]
    assert table["budget_arch"].tolist() == 8 * ["big"] + 8 * ["small"]
    assert (table["note"] == "").all()
    large = [at(table, subset, budget_arch="big") for subset in SUBSETS]
    assert [found["recipe"] for found in large] == [
        *("ft", "ft-int8", "kd", "ft-mp50", "kd-int8", "ft-mp50-int8", "kd-mp50", "kd-mp50-int8")
    ]
    assert [found["score"] for found in large] == [90, 91, 94, 92, 95, 93, 96, 97]
    assert [found["rank"] for found in large] == [8, 7, 4, 6, 3, 5, 2, 1]
    assert [found["first"] for found in large] == [0] * 7 + [1]
    assert {found["arch"] for found in large} == {"big"}


def test_a_small_budget_leaves_the_large_architecture_only_where_it_is_compressed():
    table = ranking_size(study(results(SCORES)))
    found = {subset: at(table, subset, budget_arch="small") for subset in SUBSETS}
    assert {subset: (values["arch"], values["size_mb"]) for subset, values in found.items()} == {
        **dict.fromkeys(("none", "KD"), ("small", 30.0)),
        **dict.fromkeys(("MP", "KD+MP"), ("small", 15.0)),
        **dict.fromkeys(("QAT", "QAT+KD"), ("big", 30.0)),  # just within
        **dict.fromkeys(("QAT+MP", "QAT+KD+MP"), ("big", 15.0)),
    }
    assert [found[subset]["rank"] for subset in SUBSETS] == [5, 4, 5, 5, 2, 3, 5, 1]
    assert [(values["low"], values["high"]) for values in found.values()] == [(v["score"],) * 2 for v in found.values()]


def test_a_subset_without_a_model_within_the_budget_says_so_and_leaves_the_others_ranked():
    table = ranking_size(study(results(SCORES, names=SINGLE), size_budgets=[18.0]))
    assert table["budget_arch"].tolist() == [""] * 4
    for subset, which in {"none": "uncompressed model", "KD": "model of KD"}.items():
        found = at(table, subset)
        assert found["note"] == f"no {which} is within 18 MB"
        assert all(math.isnan(found[key]) for key in ("size_mb", "score", "low", "high", "rank", "first"))
        assert math.isnan(found["arch"])
        assert math.isnan(found["recipe"])
    for subset in ("QAT", "MP"):
        assert (at(table, subset)["rank"], at(table, subset)["first"]) == (1, 0.5)
    assert at(table, "QAT")["size_mb"] == 7.5


def test_a_budget_below_every_model_leaves_nothing_to_rank():
    table = ranking_size(study(results(SCORES), size_budgets=[1.0]))
    assert table["note"].str.endswith("is within 1 MB").all()
    assert table[["score", "low", "high", "rank", "first"]].isna().all(axis=None)


@pytest.mark.parametrize("score", [90.0, 0.0])
def test_of_equally_good_models_the_smallest_is_chosen_and_all_that_tie_share_the_first_place(score):
    scores = {("big", recipe): score for recipe in ALL} | {("small", recipe): -50.0 for recipe in ALL}
    scores |= {("big", "kd"): score + 1e-12, ("small", "kd"): score}  # means over seeds are not exact
    table = ranking_size(study(results(scores), size_budgets=[1000.0, 1000.0]))
    assert len(table) == 8
    found = at(table, "KD")
    assert (found["arch"], found["size_mb"]) == ("small", 30)
    assert set(places(table).values()) == {(1, 1 / 8)}


def test_a_held_out_score_is_that_of_the_model_which_is_best_on_the_other_tasks():
    table = results(names=["ft", "ft-int8"])
    table["score"] = np.where((table["arch"] == "big") == table["task"].isin(["a", "b"]), 80.0, 60.0)
    table.loc[table["recipe"] == "ft-int8", "score"] = 71.0
    table.loc[(table["task"] == "a") & (table["arch"] == "big") & (table["recipe"] == "ft"), "score"] = 88.0
    found = ranking_size(study(table, size_budgets=[500.0]))
    none, quantized = at(found, "none"), at(found, "QAT")
    # On all tasks big is best; without a or b, where it has 88 and 80, small is, with 60 there; without c or d, big.
    assert (none["arch"], none["score"], none["held_out"]) == ("big", 72, (60 + 60 + 60 + 60) / 4)
    assert (quantized["score"], quantized["held_out"], quantized["low"], quantized["high"]) == (71, 71, 71, 71)
    assert (none["rank"], quantized["rank"]) == (2, 1)
    assert none["held_out_of_any"] == quantized["held_out_of_any"]


def test_subsets_of_more_models_are_not_the_first_more_often_where_all_are_equal():
    places, excess = {"score": [], "held_out": []}, []
    for number in range(60):
        table, true = experiment(number, 8, 3, 0.5)
        found = ranking_size(study(table, draws=100, size_budgets=[437.9])).set_index("subset")
        for by, names in places.items():
            names.append("MP" in found[by].idxmax())  # two sparsities: twice as many models
        excess.append(
            [found["score"].max() - true, *(found["held_out"] - true), found["held_out_of_any"].iloc[0] - true]
        )
    assert np.mean(places["score"]) > 0.62
    assert abs(np.mean(places["held_out"]) - 0.5) < 0.15
    means = np.mean(excess, axis=0)
    assert means[0] > 0.15
    assert np.abs(means[1:]).max() < 0.08


def test_a_missing_model_that_might_be_the_best_leaves_the_places_that_it_could_change_open():
    table = without(results(SCORES), task="c", arch="small", recipe="kd", seed=1)
    found = ranking_size(study(table, size_budgets=[120.0]))
    lacking = at(found, "KD")
    assert (lacking["arch"], lacking["recipe"], lacking["score"]) == ("big", "kd", 94)
    assert lacking["note"] == "c lacks small/kd (seed 1)"
    assert np.isnan([lacking["rank"], lacking["first"]]).all()
    best = at(found, "QAT+KD+MP")
    assert (best["score"], best["note"]) == (97, "c lacks small/kd (seed 1)")
    assert np.isnan([best["rank"], best["first"]]).all()
    second = at(found, "KD+MP")  # might be third, but never first
    assert math.isnan(second["rank"])
    assert (second["first"], second["note"]) == (0, "c lacks small/kd (seed 1)")
    behind = at(found, "MP")  # the sixth, however good KD is
    assert (behind["rank"], behind["first"], behind["note"]) == (6, 0, "")


def test_a_subset_that_is_first_already_stays_so_whatever_it_misses():
    table = without(results(SCORES), task="c", arch="small", recipe="kd-mp50-int8")
    found = ranking_size(study(table, size_budgets=[120.0]))
    first = at(found, "QAT+KD+MP")
    assert (first["rank"], first["first"], first["note"]) == (1, 1, "c lacks small/kd-mp50-int8")
    assert found["rank"].tolist() == [8, 7, 4, 6, 3, 5, 2, 1]
    assert (found.loc[found["subset"] != "QAT+KD+MP", "note"] == "").all()


def test_several_missing_models_are_each_taken_for_the_best_and_for_nothing():
    scores = SCORES | {("big", "ft"): 99.0}
    table = without(without(results(scores), task="a", arch="big", recipe="ft"), arch="small", task="b", recipe="kd")
    found = ranking_size(study(table, size_budgets=[120.0]))
    assert at(found, "none")["score"] == 80
    assert at(found, "none")["note"] == "a lacks big/ft"
    assert at(found, "KD")["note"] == "b lacks small/kd"
    assert at(found, "QAT+KD")["note"] == "a lacks big/ft; b lacks small/kd"
    assert found.set_index("subset")[["rank", "first"]].isna().to_numpy().tolist() == [
        [True, True],  # none
        [True, False],  # QAT: behind KD anyhow, but none might come before it
        [True, True],  # KD
        [True, False],
        [True, False],
        [True, False],
        [True, False],
        [True, True],  # QAT+KD+MP
    ]


def test_a_rank_may_be_certain_where_the_share_of_first_places_is_open():
    table = results({("big", "kd"): 91.0}, names=["ft", "kd"])
    table.loc[(table["arch"] == "big") & (table["recipe"] == "kd") & (table["task"] == "a"), "score"] = 88.0
    whole = at(ranking_size(study(table, size_budgets=[120.0])), "none")
    assert whole["rank"] == 2
    assert 0 < whole["first"] < 0.5  # draws with task a twice or more often
    found = ranking_size(study(without(table, task="b", arch="small", recipe="kd"), size_budgets=[120.0]))
    behind, ahead = at(found, "none"), at(found, "KD")
    assert (behind["rank"], ahead["rank"]) == (2, 1)
    assert np.isnan([behind["first"], ahead["first"]]).all()
    assert (behind["note"], ahead["note"]) == ("b lacks small/kd",) * 2


def test_a_missing_model_beyond_the_budget_changes_nothing():
    whole, table = results(SCORES), without(results(SCORES), task="c", arch="big", recipe="kd-mp50")
    of_small = [ranking_size(study(of, size_budgets=[30.0])) for of in (whole, table)]
    assert of_small[0].equals(of_small[1])


def test_a_model_that_no_task_has_may_have_any_size():
    table = without(results(SCORES), arch="big", recipe="kd")
    found = ranking_size(study(table, size_budgets=[30.0, 20.0, 1.0]))
    assert (at(found, "KD", budget_mb=30.0)["score"], at(found, "KD", budget_mb=30.0)["arch"]) == (80, "small")
    assert math.isnan(at(found, "KD", budget_mb=30.0)["rank"])
    for mb in (20.0, 1.0):  # nothing else of KD is that small, and then nothing at all
        unknown = at(found, "KD", budget_mb=mb)
        assert np.isnan([unknown[key] for key in ("score", "low", "high", "rank", "first")]).all()
        assert unknown["note"] == "no results of big/kd"


def test_one_task_is_ranked_without_intervals():
    found = ranking_size(study(results(SCORES, tasks=["a"]), size_budgets=[120.0]))
    assert found["rank"].tolist() == [8, 7, 4, 6, 3, 5, 2, 1]
    assert found[["low", "high", "first"]].isna().all(axis=None)
    assert found[["held_out", "held_out_of_any"]].isna().all(axis=None)
    assert set(found["note"]) == {"one task: no interval"}


def test_one_task_and_a_missing_model_are_told_apart():
    table = without(results(SCORES, tasks=["a"]), arch="small", recipe="kd-mp50-int8", seed=0)
    found = ranking_size(study(table, size_budgets=[120.0]))
    assert at(found, "QAT+KD+MP")["note"] == "a lacks small/kd-mp50-int8 (seed 0)"
    assert at(found, "MP")["note"] == "one task: no interval"
    assert at(found, "MP")["rank"] == 6


def test_without_uncompressed_models_there_are_no_sizes_to_rank_at():
    table = ranking_size(study(results(names=["kd", "kd-int8"])))
    assert table.empty
    assert table.columns.tolist() == list(RANKING_SIZE.columns)


def test_an_architecture_without_an_uncompressed_model_is_no_budget():
    table = ranking_size(study(without(results(SCORES), arch="big", recipe="ft")))
    assert set(table["budget_arch"]) == {"small"}


@pytest.mark.parametrize("size", [0, -1, math.inf, math.nan])
def test_sizes_are_above_zero(size):
    with pytest.raises(ValidationError):
        AnalyzeSettings(size_budgets=[size])
