from multipress.compression import recipes
from multipress.compression.recipes import recipe_order
from multipress.compression.subsets import is_post_training, is_quantized, parts, study_methods, subset_order


def test_the_papers_subsets_come_in_the_order_of_its_table():
    names = recipes.cross([["ft", "kd"], ["mp40", "mp60"], ["int8"]])
    assert study_methods(reversed(names)) == ["QAT", "KD", "MP", "QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"]
    assert study_methods(["ft", "kd-mp40", "ft-int8", "ft-int4"]) == ["QAT", "KD+MP"]
    assert study_methods(["ft"]) == []


def test_unknown_methods_stand_between_distillation_and_sparsity(monkeypatch):
    subsets = ["none", "SVD", "QAT+KD+LR+SVD+MP", "LR+MP", "KD+LR", "MP", "KD", "LR", "QAT+LR", "LR+SVD"]
    monkeypatch.setattr(recipes, "subset", lambda recipe: recipe)
    expected = ["KD", "LR", "SVD", "MP", "QAT+LR", "KD+LR", "LR+SVD", "LR+MP", "QAT+KD+LR+SVD+MP"]
    assert study_methods(subsets) == expected
    assert sorted(subsets, key=subset_order) == ["none", *expected]


def test_within_a_subset_the_mildest_compression_comes_first_and_post_training_quantization_last_of_all():
    names = ["ft-ptq8", "kd-mp60-int8", "ft-mp60", "ft-int4", "kd", "ft-mp40", "ft-int8", "ft"]
    assert sorted(names, key=recipe_order) == [
        *("ft", "ft-int8", "ft-int4", "kd", "ft-mp40", "ft-mp60", "kd-mp60-int8", "ft-ptq8")
    ]


def test_subsets_know_what_their_parts_do():
    assert is_post_training("PTQ+KD")
    assert not is_post_training("QAT+KD")
    assert is_quantized("QAT+KD")
    assert is_quantized("PTQ")
    assert not is_quantized("KD+MP")
    assert not is_quantized("none")


def test_a_name_consists_of_its_parts():
    assert parts("QAT+KD+LR") == ["QAT", "KD", "LR"]
    assert parts("none") == []
