import pytest

from multipress.compression import recipes

PAPER = [["ft", "kd"], ["mp40", "mp60"], ["int8"]]
SUBSETS = ["none", "QAT", "KD", "MP", "QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"]
"""In the order of the paper's Table 1."""
VARIANTS = {"kdn": "kd", "mpg60": "mp60"}


def test_the_paper_has_twelve_recipes_that_cover_its_eight_subsets():
    crossed = recipes.cross(PAPER)
    assert len(crossed) == len(set(crossed)) == 12
    assert list(dict.fromkeys(map(recipes.subset, sorted(crossed, key=recipes.recipe_order)))) == SUBSETS
    assert all(recipes.parent(recipe) in {None, *crossed} for recipe in crossed)


def test_a_cross_takes_one_of_its_first_list_and_one_or_none_of_the_others():
    assert recipes.cross([["ft"], ["l2", "l1"], []]) == ["ft", "ft-l2", "ft-l1"]


def test_milder_compressions_come_first_and_what_is_not_trained_last():
    names = ["ft-ptq8", "kd", "ft-mp60", "ft-mp40", "ft-int4", "ft-int8", "ft-l1", "ft-l2", "ft-mp60-int8", "ft"]
    expected = ["ft", "ft-int8", "ft-int4", "kd", "ft-l2", "ft-l1", "ft-mp40", "ft-mp60", "ft-mp60-int8", "ft-ptq8"]
    assert sorted(names, key=recipes.recipe_order) == expected


def test_a_recipe_names_its_compressions():
    assert recipes.parent("kd-mp60-int8") == "kd-mp60"
    assert recipes.is_distilled("kd-mp60-int8")
    assert not recipes.is_distilled("ft-int8")
    assert recipes.sparsity("ft-mp40") == 0.4
    assert recipes.bits("ft-mp40") == 32
    assert recipes.bits("kd-int4") == 4
    assert recipes.subset("kd-mp60-int8") == "QAT+KD+MP"
    assert recipes.subset("kd-mp60-ptq4") == "PTQ+KD+MP"
    assert recipes.subset("kd-l2-r50-mp60-int8") == "QAT+KD+LR+SVD+MP"
    assert recipes.subset("kd-l2-h50-f75-r50-int8") == "QAT+KD+HP+LR+NP+SVD"
    assert recipes.bits("kd-mp60-ptq4") == 4


def test_a_variant_stands_in_recipes_like_the_step_that_it_varies():
    found = recipes.steps("kdn-mpg60-int8", VARIANTS)
    assert [(step.name, step.method.name, step.argument) for step in found] == [
        ("kdn", "distill", 0),
        ("mpg60", "prune", 60),
        ("int8", "quantize", 8),
    ]
    assert recipes.is_distilled("kdn-int8", VARIANTS)
    assert recipes.sparsity("ft-mpg60", VARIANTS) == 0.6
    assert recipes.subset("kdn-mp60-int8", VARIANTS) == "QAT+kdn+MP"
    assert recipes.without("kdn-int8", "kdn", VARIANTS) == "ft-int8"
    with pytest.raises(
        ValueError, match="there is no step 'kdn': steps are ft, kd, fkd, bilstm<width>, cnn<width>, l<"
    ):
        recipes.steps("kdn")


def test_a_quantized_model_may_be_pruned_and_is_as_small_but_no_part_of_a_cross():
    recipe = "kd-l2-int8-mp60"
    assert (recipes.sparsity(recipe), recipes.bits(recipe), recipes.subset(recipe)) == (0.6, 8, "QAT+KD+LR+MP")
    assert recipes.parent(recipe) == "kd-l2-int8"
    assert not recipes.is_in_default_order(recipe)
    assert recipes.is_in_default_order("kd-l2-mp60-int8")


@pytest.mark.parametrize(
    ("recipe", "subset"),
    [
        ("ft-mp0", "mp0"),
        ("kd-mp0", "KD+mp0"),
        ("ft-int32", "int32"),
        ("kd-mp0-int8", "QAT+KD+mp0"),
        ("ft-ter32", "ter32"),
        ("ft-l96-r100-bin32", "bin32+l96+r100"),
        ("ft-h0-f0", "f0+h0"),
    ],
)
def test_a_control_compresses_nothing_and_counts_as_no_compression(recipe, subset):
    assert any(step.is_control for step in recipes.steps(recipe))
    assert recipes.subset(recipe) == subset
    assert (recipes.sparsity(recipe), recipes.bits(recipe)) == (0, 8 if "int8" in recipe else 32)
    assert recipes.planned(recipes._LARGEST, recipe).parameters == recipes._LARGEST.parameters
    assert not any(step.is_control for step in recipes.steps("kd-l6-r50-mp60-ter"))


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
    ("name", "reason"),
    [
        ("", "there is no step ''"),
        ("mp40", "it must begin with ft or kd"),
        ("ft-", "there is no step ''"),
        ("ft-int8-l2", "l2 comes before int8, not after it"),
        ("ft-ptq8-mp40", "mp40 comes before ptq8, not after it"),
        ("ft-int8-mp40-int8", "int8 and int8 are both steps of precision"),
        ("ft-int8-mp40-ptq8", "int8 and ptq8 are both steps of precision"),
        ("ft-mp60-kd", "ft and kd are both steps of start"),
        ("ft-mp40-l2", "l2 comes before mp40, not after it"),
        ("ft-r50-l2", "l2 comes before r50, not after it"),
        ("ft-f50-h50", "h50 comes before f50, not after it"),
        ("ft-r50-f50", "f50 comes before r50, not after it"),
        ("ft-mp60-h50", "h50 comes before mp60, not after it"),
        ("ft-f50-f25", "it has two steps of prune_neurons"),
        ("ft-h100", "use 1 to 99 percent, or 0, which compresses nothing"),
        ("ft-f", "there is no step 'f'"),
        ("kd-mp", "there is no step 'mp'"),
        ("ft/..", "there is no step"),
        ("kd-mp40-mp60", "mp40 and mp60 are both steps of sparsity"),
        ("ft-int8-ptq8", "int8 and ptq8 are both steps of precision"),
        ("ft-kd", "ft and kd are both steps of start"),
        ("ft-l2-l1", "it has two steps of reduce_layers"),
        ("ft-int2", "use 3 to 16 bits, or 32, which compresses nothing; for fewer, use ter or bin"),
        ("ft-int17", "use 3 to 16 bits"),
        ("ft-mp100", "use 1 to 99 percent, or 0, which compresses nothing"),
        ("ft-int31", "use 3 to 16 bits, or 32, which compresses nothing"),
        ("ft-ptq32", "use 3 to 16 bits"),
        ("ft-mp0-mp60", "mp0 and mp60 are both steps of sparsity"),
        ("ft-r0", "use 1 to 99 percent"),
        ("ft-l97", "use 1 to 95 layers, or 96, which compresses nothing"),
        ("ft-ter8", "there is no step 'ter8'"),
        ("ft-bin0", "there is no step 'bin0'"),
        ("ft-int08", "there is no step 'int08'"),
        ("ft-ptq", "there is no step 'ptq'"),
        ("ft3", "there is no step 'ft3'"),
        ("ft-mp60-bin", "bin cannot follow mp60, for binary weights have no zero: use ter"),
        ("ft-ee-int8", "int8 comes before ee, not after it"),
    ],
)
def test_other_names_are_no_recipes_and_the_message_says_why(name, reason):
    with pytest.raises(ValueError, match="is no recipe") as caught:
        recipes.parse(name)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([["kd"], ["mp40", "mp60"], ["int8", "int4"]], ["kd", "kd-mp60", "kd-mp60-int4"]),
        ([["kd"], ["mp60", "mp40"], ["int4", "int8"]], ["kd", "kd-mp60", "kd-mp60-int4"]),
        ([["ft", "kd"], ["mp29"], []], ["ft", "ft-mp29", "kd", "kd-mp29"]),
        ([["kd"], [], ["int8"]], ["kd", "kd-int8"]),
        ([["kd"], ["l4", "l2"], ["r50", "r25"]], ["kd", "kd-l2", "kd-l2-r25"]),
        ([["kd"]], ["kd"]),
    ],
)
def test_a_chain_goes_all_the_way_one_training_at_a_time(groups, expected):
    found = recipes.chains(groups)
    assert found == expected
    assert all(recipes.parent(recipe) in {None, *found} for recipe in found)
    assert set(found) <= set(recipes.cross(groups))
