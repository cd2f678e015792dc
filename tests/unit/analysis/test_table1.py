import math

import pytest

from multipress.analysis.paper import PAPER_METHODS as METHODS
from multipress.analysis.table1 import per_task, table1
from multipress.analysis.table_files import write
from tests.unit.analysis.cases import ALL, FINE_TUNED, MULTIPLICATIVE, SUPER, results, row, study, without


def test_ratios_are_those_of_the_smallest_model_over_all_architectures():
    big, small = table1(study(results(MULTIPLICATIVE))).to_dict("records")
    expected = {"QAT": 4, "KD": 4, "MP": 2, "QAT+KD": 16, "QAT+MP": 8, "KD+MP": 8, "QAT+KD+MP": 32}
    assert {method: big[method] for method in METHODS} == expected
    assert {method: small[method] for method in METHODS} == expected | {
        "KD": 1,
        "QAT+KD": 4,
        "KD+MP": 2,
        "QAT+KD+MP": 8,
    }
    assert (big["arch"], big["size_mb"], small["arch"], small["size_mb"]) == ("big", 120, "small", 30)
    assert (big["fallbacks"], big["note"]) == ("", "")


def test_a_larger_architecture_may_have_to_stand_in():
    pruned_is_bad = {("small", "ft-mp50"): 70.0}
    assert table1(study(results(pruned_is_bad)))["MP"].tolist() == [2.0, 0.5]


def test_a_method_that_always_fails_leaves_the_uncompressed_model_and_says_so():
    fails = {(arch, recipe): 0.0 for arch in FINE_TUNED for recipe in ("ft-int8",)}
    table = study(results(fails))
    big = table1(table).to_dict("records")[0]
    assert (big["QAT"], big["fallbacks"]) == (1.0, "QAT 4")
    chosen = row(per_task(table), arch="big", task="a", method="QAT")
    assert (chosen["chosen_arch"], chosen["chosen_recipe"], chosen["fallback"]) == ("big", "ft", True)
    assert not row(per_task(table), arch="big", task="a", method="MP")["fallback"]


def test_the_mean_over_tasks_counts_a_failed_task_as_one():
    table = results()
    table.loc[(table["task"] == "a") & (table["recipe"] == "ft-int8"), "score"] = 0.0
    assert table1(study(table))["QAT"].tolist() == [(3 * 4 + 1) / 4] * 2


@pytest.mark.parametrize(
    ("kind", "score", "ratio"),
    [("absolute", 89.5, 4), ("absolute", 89.49, 1), ("relative", 89.55, 4), ("relative", 89.54, 1)],
)
def test_a_score_at_the_tolerance_qualifies_and_one_below_does_not(kind, score, ratio):
    table = study(results({("big", "ft-int8"): score}), tolerance_kind=kind)
    assert table1(table)["QAT"].tolist()[0] == ratio


def test_a_relative_tolerance_lowers_the_threshold_of_a_negative_score_too():
    negative = {("big", recipe): -50.0 for recipe in ALL} | {("big", "ft-int8"): -50.2}
    negative |= {("small", recipe): -90.0 for recipe in ALL}
    assert table1(study(results(negative), tolerance_kind="relative"))["QAT"].tolist()[0] == 4


def test_scores_are_averaged_over_seeds_before_they_are_compared():
    table = results(seeds=(0, 1, 2))
    int8 = (table["arch"] == "big") & (table["recipe"] == "ft-int8")
    for seed, score in enumerate((89.3, 89.5, 89.7)):  # the mean is the threshold, whatever its last bit
        table.loc[int8 & (table["seed"] == seed), "score"] = score
    assert table1(study(table))["QAT"].tolist()[0] == 4


def test_of_models_of_the_same_size_the_larger_architecture_is_chosen():
    table = results({("small", "ft-int8"): 90.0})
    table.loc[table["recipe"] == "ft-int8", "paper_mb"] = 7.5
    assert row(per_task(study(table)), arch="big", task="a", method="QAT")["chosen_arch"] == "big"


def test_a_missing_model_that_could_be_chosen_leaves_the_ratio_open_and_is_named():
    table = without(results(MULTIPLICATIVE), task="b", arch="small", recipe="kd-int8", seed=1)
    big, small = table1(study(table)).to_dict("records")
    assert math.isnan(big["QAT+KD"])
    assert math.isnan(small["QAT+KD"])
    assert big["note"] == "b lacks small/kd-int8 (seed 1)"
    assert big["QAT+KD+MP"] == 32
    of_tasks = per_task(study(table))
    assert row(of_tasks, arch="big", task="a", method="QAT+KD")["ratio"] == 16
    open_one = row(of_tasks, arch="big", task="b", method="QAT+KD")
    assert all(math.isnan(open_one[key]) for key in ("ratio", "chosen_arch", "chosen_recipe", "fallback"))


def test_a_missing_model_larger_than_the_chosen_one_changes_nothing():
    whole, table = results(MULTIPLICATIVE), without(results(MULTIPLICATIVE), task="b", arch="big", recipe="kd")
    assert table1(study(table)).equals(table1(study(whole)))


def test_a_missing_uncompressed_model_leaves_the_architecture_open_and_no_other():
    big, small = table1(study(without(results(MULTIPLICATIVE), task="b", arch="big", recipe="ft"))).to_dict("records")
    assert all(math.isnan(big[method]) for method in METHODS)
    assert "b lacks big/ft" in big["note"]
    assert small["QAT"] == 4


def test_methods_that_the_results_do_not_have_have_no_column():
    table = table1(study(results(names=[recipe for recipe in ALL if "kd" not in recipe])))
    assert table["QAT+MP"].tolist() == [8.0, 8.0]
    assert table.columns.tolist() == ["arch", "size_mb", "QAT", "MP", "QAT+MP", "n_tasks", "fallbacks", "note"]
    assert (table["note"] == "").all()


def test_without_uncompressed_models_every_ratio_is_open():
    table = table1(study(results(names=["kd", "kd-int8"])))
    assert table[["KD", "QAT+KD"]].isna().all(axis=None)
    assert table["note"].str.contains(r"no model is uncompressed \(ft\)").all()


def test_tasks_may_have_different_seeds():
    table = results(SUPER)
    table.loc[table["task"] == "a", "seed"] += 10
    assert table1(study(table)).equals(table1(study(results(SUPER))))


def test_what_is_unknown_is_written_as_na(tmp_path):
    table = table1(study(without(results(), task="a", arch="small", recipe="ft-int8")))
    write(tmp_path / "table1.csv", table)
    header, big, _ = (line.split(",") for line in (tmp_path / "table1.csv").read_text().splitlines())
    assert (big[header.index("QAT")], big[header.index("MP")], big[-1]) == ("NA", "2.0", "a lacks small/ft-int8")
