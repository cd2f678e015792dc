import pytest

from multipress.compression import recipes


def test_the_paper_has_twelve_recipes_that_cover_its_eight_subsets():
    combined = recipes.combine([0.4, 0.6], [8])
    assert len(combined) == len(set(combined)) == 12
    assert {recipes.subset(recipe) for recipe in combined} == set(recipes.SUBSETS)
    assert all(recipes.parent(recipe) in {None, *combined} for recipe in combined)


def test_a_recipe_tells_its_compressions():
    assert recipes.parent("kd-mp60-int8") == "kd-mp60"
    assert recipes.is_distilled("kd-mp60-int8")
    assert not recipes.is_distilled("ft-int8")
    assert recipes.sparsity("ft-mp40") == 0.4
    assert recipes.bits("ft-mp40") == 32
    assert recipes.bits("kd-int4") == 4
    assert recipes.subset("kd-mp60-int8") == "QAT+KD+MP"
    assert recipes.subset("kd-mp60-ptq4") == "PTQ+KD+MP"
    assert recipes.bits("kd-mp60-ptq4") == 4


@pytest.mark.parametrize(
    ("recipe", "step", "less"),
    [
        ("kd", "kd", "ft"),
        ("kd-mp60-int8", "kd", "ft-mp60-int8"),
        ("kd-mp60-int8", "mp60", "kd-int8"),
        ("kd-mp60-int8", "int8", "kd-mp60"),
        ("ft-mp60", "mp60", "ft"),
    ],
)
def test_a_step_leaves_the_rest_of_a_recipe_as_it_is(recipe, step, less):
    assert recipes.without(recipe, step) == less


@pytest.mark.parametrize(("recipe", "step"), [("ft-int8", "ft"), ("ft-int8", "kd"), ("kd-mp60", "mp40")])
def test_steps_that_cannot_go_are_refused(recipe, step):
    with pytest.raises(ValueError, match=f"{recipe} has no step '{step}' that can go"):
        recipes.without(recipe, step)


@pytest.mark.parametrize(
    "name", ["", "mp40", "ft-", "ft-int8-mp40", "kd-mp", "ft/..", "kd-mp40-mp60", "ft-int0", "ft-int08", "ft-ptq"]
)
def test_other_names_are_no_recipes(name):
    with pytest.raises(ValueError, match="is no recipe"):
        recipes.parse(name)


@pytest.mark.parametrize(
    ("sparsities", "bits", "expected"),
    [
        ([0.4, 0.6], [8, 4], ["kd", "kd-mp60", "kd-mp60-int4"]),
        ([0.6, 0.4], [4, 8], ["kd", "kd-mp60", "kd-mp60-int4"]),
        ([0.29], [], ["kd", "kd-mp29"]),
        ([], [8], ["kd", "kd-int8"]),
        ([], [], ["kd"]),
    ],
)
def test_a_chain_goes_all_the_way_one_training_at_a_time(sparsities, bits, expected):
    found = recipes.chain("kd", sparsities, bits)
    assert found == expected
    assert [recipes.parent(recipe) for recipe in found] == [None, *found[:-1]]
    assert set(found) <= set(recipes.combine(sparsities, bits))
