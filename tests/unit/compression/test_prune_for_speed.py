"""Shapes chosen for a speed: the choice against a search of all, times against numpy, and what is made of them."""

import itertools

import numpy as np
import pytest

from multipress.compression.layer_times import LayerShape, LayerTimes, layer_times, read_layer_times
from multipress.compression.prune_for_speed.apply import layers_of
from multipress.compression.prune_for_speed.choice import Block, PartValues, TooFast, choose, counts_for_speed
from multipress.compression.rebuild import load_model, open_checkpoint
from multipress.core.errors import UserError
from multipress.core.files import read_json
from tests.steps import Study, write_layer_times

TIMES = LayerTimes(
    {
        "rest": {0: 0.5},
        "attention": {1: 1.0, 2: 1.5, 4: 4.0},
        "feed_forward": {4: 1.0, 16: 3.0},
        "last_attention": {1: 0.2, 4: 0.8},
        "last_feed_forward": {4: 0.1, 16: 0.1},
    }
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("study") / "study")


@pytest.mark.parametrize("seed", range(20))
def test_no_other_counts_of_the_same_time_matter_more(seed):
    random = np.random.default_rng(seed)
    blocks = []
    for parts in random.integers(1, 5, size=4):
        values = np.cumsum(np.sort(random.gamma(0.5, size=parts))[::-1]).tolist()
        blocks.append(Block(list(range(1, parts + 1)), values, random.gamma(1, size=parts).tolist()))
    budget = sum(min(block.prices) for block in blocks) * random.uniform(1.05, 2)

    def best(limit):
        found = []
        for each in itertools.product(*(range(len(block.counts)) for block in blocks)):
            if sum(block.prices[number] for block, number in zip(blocks, each, strict=True)) <= limit:
                found.append(sum(block.values[number] for block, number in zip(blocks, each, strict=True)))
        return max(found)

    chosen = choose(blocks, budget)
    assert sum(block.prices[count - 1] for block, count in zip(blocks, chosen, strict=True)) <= budget
    value = sum(block.values[count - 1] for block, count in zip(blocks, chosen, strict=True))
    assert best(budget * (1 - len(blocks) / 10_000)) - 1e-9 <= value <= best(budget) + 1e-9


def test_what_takes_a_little_too_long_does_not_fit():
    block = Block([1], [1.0], [1.0])
    assert choose([block], 1.0) == [1]
    with pytest.raises(ValueError, match="the smallest blocks take more than"):
        choose([block], 0.9999)


def test_the_smallest_blocks_fit_where_their_prices_do_whatever_rounding_makes_of_them():
    blocks = [Block([1, 2], [1.0, 2.0], [price, 2.0]) for price in (1 / 3, 1 / 7, 1 / 11)]
    assert choose(blocks, sum(block.prices[0] for block in blocks)) == [1, 1, 1]


def test_times_are_on_straight_lines_between_those_measured():
    for heads in range(1, 5):
        assert TIMES.attention(heads, is_last=False) == pytest.approx(np.interp(heads, [1, 2, 4], [1.0, 1.5, 4.0]))
        assert TIMES.attention(heads, is_last=True) == pytest.approx(0.2 * heads)
    assert TIMES.feed_forward(10, is_last=False) == pytest.approx(2.0)
    assert TIMES.feed_forward(1, is_last=False) == pytest.approx(0.5)
    assert TIMES.feed_forward(10, is_last=True) == pytest.approx(0.1)
    whole = [LayerShape(4, 16, is_last=False), LayerShape(4, 16, is_last=True)]
    assert TIMES.model(whole) == pytest.approx(0.5 + 4 + 3 + 0.8 + 0.1)


def test_what_costs_nothing_stays_and_equal_parts_go_where_they_cost_most():
    layers = [PartValues([1.0] * 4, [1.0] * 16, [False]), PartValues([1.0] * 4, [1.0] * 16, [True])]
    heads, neurons = counts_for_speed(layers, TIMES, 8.4 / 6)
    assert neurons == [16, 16]
    assert heads == [2, 4]  # from four to two heads saves 2.5 ms
    with pytest.raises(TooFast) as caught:
        counts_for_speed(layers, TIMES, 100)
    assert caught.value.most == pytest.approx(8.4 / (0.5 + 1 + 1 + 0.2 + 0.1))


def test_a_layer_that_is_applied_several_times_costs_each_time():
    twice = PartValues([1.0] * 4, [1.0] * 16, [False, True])
    assert twice.milliseconds(TIMES) == pytest.approx(4 + 3 + 0.8 + 0.1)


@pytest.mark.parametrize(("recipe", "speed"), [("ft-x150", 1.5), ("ft-l2-x200", 2.0), ("ft-s1-x150", 1.5)])
def test_a_model_is_as_fast_as_was_wanted_and_no_faster(study, recipe, speed):
    times = read_layer_times(study.folder / "layers.csv", "float32")
    parent, model = (load_model(study.make(name)) for name in (recipe.rpartition("-")[0], recipe))
    before, after = (times.model(layers_of(each)) for each in (parent, model))
    assert before / speed * 0.85 <= after <= before / speed
    structure = open_checkpoint(study.model(recipe)).steps.steps[-1].structure
    held = model.bert.encoder.held
    assert [len(kept) for kept in structure["heads"]] == [layer.attention.self.heads for layer in held]
    assert structure["neurons"] == [layer.output.dense.in_features for layer in held]


def test_the_precision_says_which_times_count(study, tmp_path):
    rows = study.folder / "layers.csv"
    text = rows.read_text()
    try:
        # Of int8 attention costs nothing: all heads stay.
        lines = [
            line if ",int8,attention," not in line else ",".join([*line.split(",")[:4], "0.0", *line.split(",")[5:]])
            for line in text.splitlines()
        ]
        rows.write_text("\n".join(lines) + "\n")
        made = study.apply("ft-x150", tmp_path / "int8", precision="int8")
    finally:
        rows.write_text(text)
    assert [len(kept) for kept in read_json(made / "steps.json")["steps"][-1]["structure"]["heads"][:2]] == [2, 2]


def test_a_speed_out_of_reach_is_told_with_the_one_that_is_not(study):
    study.make("ft")
    with pytest.raises(UserError) as caught:
        study.apply("ft-x900", study.folder / "unreachable")
    assert "step x900: with one head and the fewest neurons" in str(caught.value)
    assert "use x" in str(caught.value)
    reachable = str(caught.value).split("use x")[1].split(" ")[0]
    assert study.apply(f"ft-x{reachable}", study.folder / "reachable")


def test_a_table_without_a_part_is_refused(tmp_path):
    path = tmp_path / "layers.csv"
    write_layer_times(path)
    lines = [line for line in path.read_text().splitlines() if "last_attention" not in line]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(UserError, match="no float32 times of last_attention; delete it and rerun the rule"):
        read_layer_times(path, "float32")
    with pytest.raises(ValueError, match="no int8 times of rest"):
        layer_times([], "int8")
