import numpy as np
import pytest

from multipress.analysis.all_tables import all_tables
from multipress.analysis.grid import grid
from multipress.analysis.methods import combinations, combine, pick, singles
from multipress.analysis.score_losses import representatives
from multipress.analysis.settings import AnalyzeSettings
from tests.unit.analysis.cases import results, row

METHODS = ["QAT", "KD", "LR", "QAT+KD", "QAT+KD+LR", "KD+MP"]
VALUES = np.array([[2.0, 3, 5, 7, 11, 13], [1, 1, 2, 1, 1, 1]])


def test_methods_are_single_or_combined():
    assert singles(METHODS) == ["QAT", "KD", "LR"]
    assert combinations(METHODS) == ["QAT+KD", "QAT+KD+LR", "KD+MP"]


def test_a_method_that_is_not_there_is_unknown():
    np.testing.assert_array_equal(pick(VALUES, METHODS, ["LR", "MP"]), [[5, np.nan], [2, np.nan]])


def test_each_combination_is_made_of_its_single_methods():
    np.testing.assert_array_equal(combine(VALUES, METHODS, np.prod), [[6, 30, np.nan], [1, 2, np.nan]])
    np.testing.assert_array_equal(combine(VALUES, METHODS, np.sum), [[5, 10, np.nan], [2, 4, np.nan]])
    assert combine(VALUES[:, :2], METHODS[:2], np.sum).shape == (2, 0)


NAMES = ["ft", "ft-int8", "kd", "ft-l4", "ft-l2", "ft-mp50", "kd-l2-mp50-int8", "kd-l4-mp50-int8"]


def test_a_combination_of_four_methods_is_held_to_the_product_of_its_single_ones():
    table = results(names=NAMES)
    for layers, share in {"l2": 0.25, "l4": 0.5}.items():
        table.loc[table["recipe"].str.contains(layers), "paper_mb"] *= share
    tables = all_tables(table, AnalyzeSettings(draws=100))
    methods = ["QAT", "KD", "LR", "MP", "QAT+KD+LR+MP"]
    assert tables["table1"].columns.tolist() == ["arch", "size_mb", *methods, "n_tasks", "fallbacks", "note"]
    found = row(tables["interaction"], arch="small", combination="QAT+KD+LR+MP")
    assert (found["observed"], found["product"]) == pytest.approx((4 * 4 * 2, 4 * 1 * 4 * 2))
    assert set(tables["ranking"]["method"]) == {"QAT", "KD", "LR", "MP"}
    assert tables["ranking_size"]["subset"].unique().tolist() == ["none", *methods]
    lost = row(tables["interaction_score"], arch="small", combination="QAT+KD+LR+MP")
    assert lost["difference"] == 0
    ratios = tables["paper_comparison"].query("quantity == 'ratio'")
    assert set(ratios["method"]) == {"QAT", "KD", "MP", "QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"}


def test_each_kind_of_step_is_represented_by_one_number_in_all_methods():
    of = grid(results(names=NAMES))
    stand = {method: of.recipes[recipe] for method, recipe in representatives(of).items()}
    assert stand["LR"].removeprefix("ft-") in stand["QAT+KD+LR+MP"].split("-")
    assert stand["MP"] == "ft-mp50"
