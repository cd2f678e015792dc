import math

import pytest

from multipress.analysis.effects import effects
from multipress.analysis.tables import EFFECTS
from multipress.analysis.verdicts import POOLED
from tests.unit.analysis.cases import ALL, FINE_TUNED, results, row, study, without

COSTS = {"ft": 0, "ft-int8": 1, "kd": -3, "kd-int8": -2.5, "ft-mp50": 4, "ft-mp50-int8": 7, "kd-mp50": 0.5}
COSTS |= {"kd-mp50-int8": 2}
"""Points that each recipe loses at the big architecture, no two steps alike; at the small one nothing changes."""

STEPS = [
    ("ft-int8", "int8", "ft", -1),
    ("kd", "kd", "ft", 3),
    ("ft-mp50", "mp50", "ft", -4),
    ("kd-int8", "kd", "ft-int8", 3.5),
    ("kd-int8", "int8", "kd", -0.5),
    ("ft-mp50-int8", "mp50", "ft-int8", -6),
    ("ft-mp50-int8", "int8", "ft-mp50", -3),
    ("kd-mp50", "kd", "ft-mp50", 3.5),
    ("kd-mp50", "mp50", "kd", -3.5),
    ("kd-mp50-int8", "kd", "ft-mp50-int8", 5),
    ("kd-mp50-int8", "mp50", "kd-int8", -4.5),
    ("kd-mp50-int8", "int8", "kd-mp50", -1.5),
]
"""Of the big architecture: recipe, step, the recipe without it, and what it adds."""


def known(**cases):
    return results({("big", recipe): FINE_TUNED["big"] - cost for recipe, cost in COSTS.items()}, **cases)


def test_each_step_is_held_to_the_recipe_without_it():
    table = effects(study(known()))
    assert table.columns.tolist() == list(EFFECTS.columns)
    assert table["arch"].unique().tolist() == ["big", "small", POOLED]
    assert len(table) == 3 * len(STEPS)
    for recipe, step, less, points in STEPS:
        found = row(table, arch="big", recipe=recipe, step=step)
        assert (found["without"], found["note"], found["n_tasks"], found["n_seeds"]) == (less, "", 4, 2)
        assert [found[key] for key in ("difference", "low", "high")] == pytest.approx([points] * 3)
        assert row(table, arch=POOLED, recipe=recipe, step=step)["difference"] == pytest.approx(points / 2)
    assert row(table, arch="big", recipe="kd-mp50-int8", step="kd")["subset"] == "QAT+KD+MP"


def test_noise_that_both_models_share_leaves_an_effect_certain():
    table = known()
    table["score"] -= 5.0 * (table["task"] == "a") + 2.0 * table["seed"]
    found = row(effects(study(table)), arch="big", recipe="kd", step="kd")
    assert [found[key] for key in ("difference", "low", "high")] == pytest.approx([3, 3, 3])


@pytest.mark.parametrize("confidence", [0.6, 0.95])
def test_intervals_are_those_of_the_studys_draws(confidence):
    table = results()
    table.loc[(table["recipe"] == "kd") & (table["arch"] == "big") & (table["task"] == "a"), "score"] += 8.0
    of = study(table, confidence=confidence)
    only_a = of.outcomes.estimate(8.0 * (of.outcomes.tasks == 0))
    low, high = (float(end) for end in only_a.interval(confidence))
    found = effects(of)
    big, pooled = (row(found, arch=arch, recipe="kd", step="kd") for arch in ("big", POOLED))
    assert [big[key] for key in ("low", "difference", "high")] == pytest.approx([low, 2, high])
    assert [pooled[key] for key in ("low", "difference", "high")] == pytest.approx([low / 2, 1, high / 2])
    assert low < 2 < high


def test_a_missing_model_leaves_open_the_effects_that_rest_on_it_and_no_other():
    table = effects(study(without(known(), task="c", arch="small", recipe="kd-int8", seed=1)))
    open_ones = table[table["difference"].isna()]
    pairs = {("kd-int8", "kd"), ("kd-int8", "int8"), ("kd-mp50-int8", "mp50")}
    assert set(zip(open_ones["recipe"], open_ones["step"], strict=True)) == pairs
    assert open_ones["arch"].unique().tolist() == ["small", POOLED]
    assert open_ones[["low", "high"]].isna().all(axis=None)
    assert set(open_ones["note"]) == {"c lacks small/kd-int8 (seed 1)"}
    assert (table.loc[table["difference"].notna(), "note"] == "").all()
    assert row(table, arch="big", recipe="kd-int8", step="kd")["difference"] == pytest.approx(3.5)


def test_a_recipe_that_is_nowhere_leaves_its_effects_open_and_is_named():
    table = effects(study(known(names=[recipe for recipe in ALL if recipe != "ft-mp50"])))
    assert len(table) == 3 * (len(STEPS) - 1)
    for arch in ("big", "small", POOLED):
        found = row(table, arch=arch, recipe="ft-mp50-int8", step="int8")
        assert math.isnan(found["difference"])
        assert (found["without"], found["note"]) == ("ft-mp50", "no results of ft-mp50")
    assert row(table, arch="big", recipe="ft-mp50-int8", step="mp50")["difference"] == pytest.approx(-6)


def test_one_task_has_effects_without_intervals():
    found = row(effects(study(known(tasks=["a"]))), arch="big", recipe="kd", step="kd")
    assert found["difference"] == pytest.approx(3)
    assert math.isnan(found["low"])
    assert math.isnan(found["high"])
    assert found["note"] == "one task: no interval"


def test_where_nothing_is_compressed_the_table_has_only_its_header():
    table = effects(study(results(names=["ft"])))
    assert table.empty
    assert table.columns.tolist() == list(EFFECTS.columns)
