"""What is left out where time is short, and in which order."""

import numpy as np
import pytest

from multipress.core.errors import UserError
from multipress.model.shape import ArchitectureSpec
from multipress.shrink.candidates import Epochs, candidates, cost, variants_of
from multipress.shrink.plan import FEW_ROWS, Workload, plan
from multipress.shrink.speed import fastest

SHAPE = ArchitectureSpec(layers=12, hidden=768, heads=12, feed_forward=3072)


def workload(rows=50_000, speed=100.0):
    return Workload(SHAPE, 30_000, rows, 2_000, Epochs(3, 1), speed)


def planned(hours, target="size", **changes):
    return plan(candidates(SHAPE, target), workload(**changes), hours)


def names(found):
    return [each.recipe for each in found]


def test_models_are_tried_in_the_documented_order():
    half = ["ft-l6taught", "ft-l6taught-ptq8", "ft-l6taught-int8"]
    both = ["ft", "ft-ptq8", "ft-int8", *half, "ft-l3taught-int8"]
    assert names(candidates(SHAPE, "latency")) == [*both, "ft-l6taught-f50taught-int8", "ft-f50taught-int8"]
    assert names(candidates(SHAPE, "size")) == [*both, "ft-l6taught-ter", "ft-ter"]


@pytest.mark.parametrize(
    ("layers", "steps"), [(1, set()), (2, {"l1taught"}), (3, {"l1taught"}), (4, {"l2taught", "l1taught"})]
)
def test_no_step_keeps_all_layers_or_none(layers, steps):
    shape = ArchitectureSpec(layers=layers, hidden=8, heads=1, feed_forward=8)
    assert set(variants_of(candidates(shape, "size"))) == steps
    recipes = names(candidates(shape, "size"))
    assert len(set(recipes)) == len(recipes)


def test_a_step_costs_by_its_epochs_its_layers_and_its_numbers():
    variants = variants_of(candidates(SHAPE, "size"))
    costs = [cost(recipe, SHAPE, Epochs(4, 2), variants) for recipe in names(candidates(SHAPE, "size"))]
    assert costs == pytest.approx([4, 0, 2.4, 2, 0, 1.2, 0.6, 2.4, 4.8])


def test_fewer_neurons_cost_less_in_this_step_and_in_those_after_it():
    found = candidates(SHAPE, "latency")
    variants = variants_of(found)
    steps = ["ft-f50taught", "ft-f50taught-int8", "ft-l6taught-f50taught", "ft-l6taught-f50taught-int8"]
    costs = [cost(recipe, SHAPE, Epochs(3, 1), variants) for recipe in steps]
    assert costs == pytest.approx([2, 0.8, 1, 0.4])  # of a layer's products two thirds are of its neurons


def test_all_rows_and_models_where_there_is_time():
    found = planned(hours=100)
    assert (found.left_out, found.rows) == ([], 50_000)
    assert sum(found.seconds.values()) <= found.total


def test_rows_are_sampled_first():
    found = planned(hours=2)
    assert found.left_out == []
    assert FEW_ROWS < found.rows < 50_000
    assert 0.8 * 7200 < found.total <= 0.85 * 7200
    assert any("sample" in line for line in found.describe(workload()))


def test_then_models_are_left_out_from_the_end():
    found = planned(hours=0.6)
    assert found.rows == FEW_ROWS
    assert names(found.chosen)[:3] == ["ft", "ft-ptq8", "ft-int8"]
    assert "ft-ter" in names(found.left_out)
    assert found.total <= 0.85 * 0.6 * 3600
    assert any("left out for want of time: " in line and "ft-ter" in line for line in found.describe(workload()))


def test_then_rows_once_more():
    found = planned(hours=0.12)
    assert names(found.chosen) == ["ft", "ft-ptq8"]
    assert 500 <= found.rows < FEW_ROWS


def test_with_too_little_time_nothing_is_begun_and_the_time_is_said():
    with pytest.raises(UserError, match=r"--hours 0\.01 is too little") as error:
        planned(hours=0.01)
    needed = float(str(error.value).split("give --hours ")[1].split()[0])
    assert planned(hours=needed).rows >= 500
    assert planned(hours=needed / 1.4).rows >= 500  # on a machine that is found busier


def test_few_rows_are_never_sampled_to_more_than_there_are():
    assert planned(hours=100, rows=300).rows == 300


def test_a_slower_machine_does_less():
    assert len(planned(hours=1, speed=20.0).chosen) < len(planned(hours=1, speed=200.0).chosen)


def test_the_speed_is_measured_by_a_training():
    shape = ArchitectureSpec(layers=1, hidden=32, heads=2, feed_forward=64)
    found = fastest(shape, 100, np.full(100, 24), 16, (1, 1))
    assert found.threads == 1
    assert 0 < found.rows_per_second < 1e6
