"""Effects against controls: scores in which every part is known by construction."""

import math

import numpy as np
import pandas as pd
import pytest

from multipress.analysis import effects_matched as module
from multipress.analysis.all_tables import all_tables
from multipress.analysis.effects_matched import comparisons, effects_matched, with_controls
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.tables import EFFECTS_MATCHED
from multipress.analysis.verdicts import POOLED
from multipress.compression.controls import control_of, control_recipes
from tests.unit.analysis.cases import ALL, results, row, without

CROSS = [["ft", "kd"], ["mp50"], ["int8"]]
CONTROLS = control_recipes(CROSS)
LONGER = 1.5
"""Points of a further training; of twice the rows in the first one, half of it."""
PARTS = {"mp50": -2.0, "int8": -0.25, "teacher": 1.0, "rows": -0.5}
HEALED = 0.6
"""Points of pruning that distillation recovers."""


def score(arch, recipe):
    first, *later = recipe.split("-")
    compressed = sum(PARTS.get(step.removesuffix("t"), 0) for step in later)
    taught = first in ("kd", "kdo") and PARTS["teacher"] - 0.3 * any(step.endswith("t") for step in later)
    rows = first in ("kd", "fta") and PARTS["rows"]
    healed = HEALED * (first == "kd" and bool({"mp50", "mp50t"} & set(later)))
    base = {"big": 80.0, "small": 70.0}[arch]
    return base + LONGER * (len(later) + 0.5 * (first != "ft")) + compressed + taught + rows + healed


def steps(recipe):
    first, *later = recipe.split("-")
    return 100 * ((2 if first != "ft" else 1) + len(later) * (2 if first in ("kd", "fta") else 1))


def table(names=(*ALL, *CONTROLS), **cases):
    found = results(
        {(arch, name): score(arch, name) for arch in ("big", "small") for name in names}, names=names, **cases
    )
    return found.assign(steps=found["recipe"].map(steps))


def matched(found, designed=ALL, **settings):
    return effects_matched(with_controls(found, designed), designed, AnalyzeSettings(**{"draws": 200} | settings))


@pytest.fixture(scope="module")
def all_effects():
    return matched(table())


@pytest.mark.parametrize(
    ("effect", "recipe", "without", "raw", "control", "points"),
    [
        ("MP", "ft-mp50", "ft", -2 + 1.5, "ft-mp0", -2),
        ("MP", "kd-mp50", "kd", -2 + 1.5 + 0.6, "kd-mp0", -2 + 0.6),
        ("QAT", "ft-int8", "ft", -0.25 + 1.5, "ft-int32", -0.25),
        ("QAT", "kd-mp50-int8", "kd-mp50", -0.25 + 1.5, "kd-mp50-int32", -0.25),
        ("KD and augmented rows", "kd", "ft", 0.75 + 1 - 0.5, "ftl", 0.5),
        ("KD, on augmented rows", "kd", "ft", 1.25, "fta", 1),
        ("KD, on original rows", "kdo", "ft", 0.75 + 1, "ftl", 1),
        ("augmented rows, with KD", "kd", "ft", 1.25, "kdo", -0.5),
        ("augmented rows, with labels", "fta", "ft", 0.75 - 0.5, "ftl", -0.5),
        ("KD x augmented rows", "kd", "kdo + (fta - ft)", -0.5 - 0.25, "kdo + (fta - ftl)", 0),
        ("KD in the later step", "kd-mp50", "kd-mp50t", 0.3, "kd-mp50t", 0.3),
        ("KD x MP", "kd-mp50", "kd + (ft-mp50 - ft)", 0.6, "kd-mp0 + (ft-mp50 - ft-mp0)", 0.6),
        ("MP x QAT", "ft-mp50-int8", "ft-mp50 + (ft-int8 - ft)", 0, "ft-mp50-int32 + (ft-int8 - ft-int32)", 0),
    ],
)
def test_an_effect_is_what_it_is_made_of(all_effects, effect, recipe, without, raw, control, points):
    found = row(all_effects, arch="big", effect=effect, recipe=recipe)
    assert (found["without"], found["control"], found["note"]) == (without, control, "")
    assert [found[key] for key in ("raw", "raw_low", "raw_high")] == pytest.approx([raw] * 3)
    assert [found[key] for key in ("matched", "low", "high")] == pytest.approx([points] * 3)
    assert (found["n_tasks"], found["n_seeds"]) == (4, 2)


def test_rows_are_those_of_architectures_and_their_mean():
    found = matched(table())
    assert found.columns.tolist() == list(EFFECTS_MATCHED.columns)
    assert len(found) == 3 * len(comparisons(ALL))
    assert not found.duplicated(["arch", "effect", "recipe"]).any()
    assert row(found, arch=POOLED, effect="MP", recipe="ft-mp50")["matched"] == pytest.approx(-2)


def test_steps_stand_beside_and_are_told_where_they_differ():
    found = table()
    found.loc[(found["recipe"] == "kd-mp0") & (found["task"] == "b"), "steps"] *= 1.02
    found.loc[(found["recipe"] == "ft-mp0"), "steps"] *= 1.01
    rows = matched(found)
    pruned = row(rows, arch="big", effect="MP", recipe="kd-mp50")
    assert (pruned["steps"], pruned["steps_without"], pruned["steps_control"]) == (400, 200, pytest.approx(402))
    assert pruned["note"] == "steps of kd-mp50 and kd-mp0 differ by 2%"
    assert row(rows, arch=POOLED, effect="KD x MP", recipe="kd-mp50")["note"] == pruned["note"]
    assert row(rows, arch="big", effect="MP", recipe="ft-mp50")["note"] == ""  # 1 % is no difference
    unknown = matched(found.drop(columns="steps"))
    assert set(unknown["note"]) == {"steps are not known"}
    assert unknown["steps"].isna().all()
    assert unknown["matched"].notna().all()


def test_intervals_are_those_of_the_differences_over_tasks():
    found = table()
    found.loc[(found["recipe"] == "ft-mp0") & (found["task"] == "a"), "score"] -= 2.0
    pruned = row(matched(found), arch="big", effect="MP", recipe="ft-mp50")
    assert pruned["matched"] == pytest.approx(-1.5)
    assert pruned["low"] < -1.5 < pruned["high"]
    assert pruned["raw_low"] == pytest.approx(pruned["raw"]) == pytest.approx(-0.5)


def test_a_missing_control_leaves_its_effects_open_and_is_named():
    rows = matched(without(table(), recipe="kd-mp0"))
    open_ones = rows[rows["matched"].isna()]
    assert set(zip(open_ones["effect"], open_ones["recipe"], strict=True)) == {
        ("MP", "kd-mp50"),
        ("KD x MP", "kd-mp50"),
    }
    assert set(open_ones["note"]) == {"no results of kd-mp0"}
    one_seed = matched(without(table(), recipe="kd-mp0", task="c", seed=1, arch="small"))
    assert row(one_seed, arch="small", effect="MP", recipe="kd-mp50")["note"] == "c lacks small/kd-mp0 (seed 1)"
    assert row(one_seed, arch="big", effect="MP", recipe="kd-mp50")["matched"] == pytest.approx(-1.4)


def test_where_kd_takes_no_more_steps_ft_is_its_own_control():
    found = without(table(), recipe="ftl")
    as_long = found["recipe"].isin(["kd", "fta", "kdo"])
    shown = row(
        matched(found.assign(steps=found["steps"].mask(as_long, 100))), arch="big", effect="KD, on original rows"
    )
    assert (shown["control"], shown["matched"], shown["note"]) == ("ft", pytest.approx(1.75), "")
    longer = row(
        matched(found.assign(steps=found["steps"].mask(as_long, 102))), arch="big", effect="KD, on original rows"
    )
    assert (longer["control"], longer["note"]) == ("ftl", "no results of ftl")


def test_few_bits_and_few_layers_are_held_against_as_much_training():
    designed = ["ft", "ft-l1", "ft-ter", "ft-bin", "ft-l1-ter"]
    controls = {"ft-l96": 1.5, "ft-ter32": 1.25, "ft-bin32": 1.0, "ft-l1-ter32": 0.5}
    gains = {"ft": 0, "ft-l1": -3, "ft-ter": -1, "ft-bin": -2, "ft-l1-ter": -5} | controls
    assert set(controls) == set(control_recipes([["ft"], ["l1"], ["ter", "bin"]])) - {"ft-l1-bin32"}
    found = matched(results({("big", name): 80.0 + gain for name, gain in gains.items()}, names=gains), designed)
    points = {name: row(found, arch="big", effect=effect, recipe=name)["matched"] for effect, name in EXTREME.items()}
    assert points == pytest.approx({"ft-l1": -4.5, "ft-ter": -2.25, "ft-bin": -3})
    both = row(found, arch="big", effect="LR x TWN", recipe="ft-l1-ter")
    assert (both["matched"], both["control"]) == (pytest.approx(-5.5 + 2.25), "ft-l1-ter32 + (ft-ter - ft-ter32)")


EXTREME = {"LR": "ft-l1", "TWN": "ft-ter", "BWN": "ft-bin"}


def test_a_method_without_a_control_says_so(monkeypatch):
    monkeypatch.setattr(module, "control_of", lambda step: None if step.method.prefix == "l" else control_of(step))
    designed = ["ft", "ft-l1", "ft-l1-int8", "ft-int8"]
    found = matched(results(names=[*designed, "ft-int32", "ft-l1-int32"]), designed)
    cut = row(found, arch="big", effect="LR", recipe="ft-l1")
    assert (cut["note"], cut["without"], cut["raw"]) == ("LR has no control", "ft", 0)
    assert math.isnan(cut["matched"])
    assert math.isnan(cut["steps_control"])


def test_without_controls_the_table_has_only_its_header():
    found = matched(table(names=ALL))
    assert found.empty
    assert found.columns.tolist() == list(EFFECTS_MATCHED.columns)


def test_one_task_has_effects_without_intervals():
    found = row(matched(table(tasks=["a"])), arch="big", effect="MP", recipe="ft-mp50")
    assert (found["matched"], found["note"]) == (pytest.approx(-2), "one task: no interval")
    assert math.isnan(found["low"])


def test_controls_change_no_other_table():
    settings = AnalyzeSettings(draws=200)
    named = table().assign(subset=lambda rows: rows["recipe"])
    both, alone = (all_tables(found, settings, CONTROLS) for found in (named, named[named["recipe"].isin(ALL)]))
    assert len(both["effects_matched"]) == 3 * len(comparisons(ALL))
    assert np.isclose(row(both["effects_matched"], arch="big", effect="MP", recipe="ft-mp50")["matched"], -2)
    for name in both.keys() - {"effects_matched"}:
        pd.testing.assert_frame_equal(both[name], alone[name])
    of_one = all_tables(named, settings, CONTROLS, ["small"])["effects_matched"]
    assert of_one["arch"].unique().tolist() == ["small", POOLED]
