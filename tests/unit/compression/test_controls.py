"""Which controls a cross has, and what they are made of."""

import pytest

from multipress.compression import recipes
from multipress.compression.controls import control_recipes, control_steps, control_variants, variants_in

PAPER = [["ft", "kd"], ["mp40", "mp60"], ["int8"]]
WITH_KD = ["ftl", "fta", "kdo", "kd-mp40t", "kd-mp60t", "kd-int8t"]


def test_every_last_step_of_the_paper_has_its_control_and_kd_has_three():
    assert control_recipes(PAPER) == [
        *WITH_KD,
        *("ft-int32", "ft-mp0", "ft-mp40-int32", "ft-mp60-int32"),
        *("kd-int32", "kd-mp0", "kd-mp40-int32", "kd-mp60-int32"),
    ]
    variants = {name: step for name, (step, _) in control_variants(PAPER).items()}
    assert all(recipes.steps(recipe, variants) for recipe in control_recipes(PAPER))
    assert variants_in(control_recipes(PAPER)) == variants


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([["ft"], ["mp60"], []], ["ft-mp0"]),
        ([["kd"], ["l4"]], ["ftl", "fta", "kdo", "kd-l4t", "kd-l96"]),
        ([["ft"], ["l4"], ["int8", "int4"]], ["ft-int32", "ft-l96", "ft-l4-int32"]),
        ([["ft"], ["ter", "bin"]], ["ft-ter32", "ft-bin32"]),
        ([["ft"], ["r50"], ["ter"]], ["ft-ter32", "ft-r100", "ft-r50-ter32"]),
        ([["ft"], ["s2", "er8", "nm24"]], ["ft-s96", "ft-er8192", "ft-nm0"]),
        ([["ft", "kd"]], ["ftl", "fta", "kdo"]),
        ([["ft"]], []),
    ],
)
def test_controls_follow_from_the_cross(groups, expected):
    assert control_recipes(groups) == expected


def test_they_are_chosen_by_their_last_steps():
    assert control_steps(PAPER) == ["ftl", "fta", "kdo", "mp40t", "mp60t", "int8t", "int32", "mp0"]
    assert control_steps([["ft"]]) == []


def test_other_names_are_no_controls_variants():
    assert variants_in(["ft", "ft-mp60", "kdt", "ft-mpt", "kd-mp60-int8t"]) == {"int8t": "int8"}
