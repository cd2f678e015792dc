import pyarrow
import pytest

from multipress.core.errors import UserError
from multipress.data.column import Column
from multipress.data.shared_rows import told_shared_rows


def columns(file, *texts):
    return [
        Column(file, f"text{index}", pyarrow.array(values), lambda row: f"line {row + 2}")
        for index, values in enumerate(texts)
    ]


TRAIN = [f"nin\u0303o {number}" for number in range(100)]


def told(dev):
    return told_shared_rows(columns("train.csv", TRAIN), columns("dev.csv", dev))


def test_sets_that_share_nothing_are_not_mentioned():
    assert told([f"other {number}" for number in range(30)]) is None
    assert told(["Ni\u00f1o 1", "ni\u00f1o  1", "ni\u00f1o 100"]) is None


@pytest.mark.parametrize("again", ["nin\u0303o 7", "ni\u00f1o 7", " nin\u0303o 7\u00a0", "nin\u0303o 7\ufeff"])
def test_shared_rows_are_counted_and_the_first_is_named(again):
    assert told(["x", "y", again, "z", again]) == (
        "2 of 5 rows of the dev set dev.csv are also among the training rows of train.csv; the first: line 4"
    )


def test_a_dev_set_of_training_rows_alone_is_refused():
    with pytest.raises(UserError, match=r"all 20 rows of the dev set dev\.csv are also among the training rows"):
        told(TRAIN[40:60])
    assert told([*TRAIN[40:60], "x"]).startswith("20 of 21 rows")


def test_a_handful_of_rows_to_try_things_out_is_told_only():
    assert told(TRAIN[:19]).startswith("19 of 19 rows")


def test_a_pair_is_shared_if_both_of_its_texts_are():
    train = columns("train", ["a", "b", "ab"], ["x", "y", ""])
    assert told_shared_rows(train, columns("dev", ["a", "b", "a"], ["y", "x", "b"])) is None
    assert told_shared_rows(train, columns("dev", ["a", "b"], ["y", "y"])).startswith("1 of 2 rows")


def test_texts_that_are_none_are_refused():
    with pytest.raises(UserError, match=r"train, line 2: holds int64"):
        told_shared_rows(columns("train", [1, 2]), columns("dev", ["a"]))
