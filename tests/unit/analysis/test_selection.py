import pandas as pd
import pytest

from multipress.analysis.selection import left_out, select
from multipress.core.errors import UserError
from tests.unit.analysis.cases import results


def test_baselines_and_post_training_quantization_are_left_out_and_named():
    table = results(names=["ft", "ft-ptq8", "ft-int8", "ft-int16", "kd-mp50-ptq8"], tasks=["a"], seeds=[0])
    assert select(table, ["ft-int16"])["recipe"].unique().tolist() == ["ft", "ft-int8"]
    assert left_out(table, ["ft-int16"]) == (
        "left out 6 of 10 models: 4 of ft-ptq8, kd-mp50-ptq8 (post-training quantization); "
        "2 of ft-int16 (named as baselines)"
    )


def test_variants_are_left_out_and_named():
    table = results(names=["ft", "kd"], tasks=["a"], seeds=[0]).replace({"recipe": {"kd": "slow"}})
    assert select(table, [])["recipe"].unique().tolist() == ["ft"]
    assert left_out(table, []) == "left out 2 of 4 models: 2 of slow (variants)"


def test_other_architectures_are_left_out_and_named():
    table = results(names=["ft", "ft-ptq8"], tasks=["a"], seeds=[0])
    assert select(table, [], ["small"])["arch"].unique().tolist() == ["small"]
    assert left_out(table, [], ["small"]) == (
        "left out 3 of 4 models: 1 of big (other architectures); 2 of ft-ptq8 (post-training quantization)"
    )
    with pytest.raises(UserError, match="the results have no architecture huge; they have big, small"):
        select(table, [], ["small", "huge"])


def test_many_names_are_counted():
    table = results(names=["ft", *(f"ft-ptq{bits}" for bits in range(3, 10))], tasks=["a"], seeds=[0])
    assert "14 of ft-ptq3, ft-ptq4, ft-ptq5, ft-ptq6 and 3 more (post-training" in left_out(table, [])


def test_where_everything_is_in_there_is_nothing_to_say():
    assert left_out(results(), []) == ""


def test_other_orders_are_in_no_table_of_the_experiment():
    table = results(names=["ft", "ft-mp50-int8", "ft-int8-mp50"], tasks=["a"], seeds=[0])
    assert select(table, [])["recipe"].unique().tolist() == ["ft", "ft-mp50-int8"]
    assert left_out(table, []) == "left out 2 of 6 models: 2 of ft-int8-mp50 (other orders of steps)"


def test_controls_are_in_no_table_of_the_experiment():
    table = results(names=["ft", "ft-mp50", "ft-mp0", "kd-mp0-int8", "ft-int32"], tasks=["a"], seeds=[0])
    table = pd.concat([table, table.assign(recipe="fta").head(1)], ignore_index=True)
    assert select(table, [])["recipe"].unique().tolist() == ["ft", "ft-mp50"]
    assert left_out(table, []) == "left out 7 of 11 models: 7 of ft-mp0, kd-mp0-int8, ft-int32, fta (controls)"


@pytest.mark.parametrize(
    ("names", "baselines", "reason"),
    [
        (["ft-ptq8", "kd-ptq8"], [], "only 4 of ft-ptq8, kd-ptq8 (post-training quantization);"),
        (["ft", "kd"], ["ft", "kd"], "only 4 of ft, kd (named as baselines);"),
        (["ft-ptq8", "kd"], ["kd"], "only 2 of ft-ptq8 (post-training quantization); 2 of kd (named as baselines);"),
    ],
)
def test_where_nothing_is_left_the_reason_is_the_true_one(names, baselines, reason):
    with pytest.raises(UserError) as caught:
        select(results(names=names, tasks=["a"], seeds=[0]), baselines)
    assert reason in str(caught.value)
