import numpy as np
import pytest

from multipress.analysis.results_file import read_results, select
from multipress.core.errors import UserError
from tests.unit.analysis.cases import results

HEADER = "task,arch,recipe,seed,score,paper_mb\n"
ROW = "rte,tiny,ft,1,66.5,17.55\n"


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "results.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_table_comes_back_as_it_was_written(file):
    table = results()
    assert read_results(file(table.to_csv(index=False))).equals(table)


def test_other_columns_are_left_out_and_empty_optional_sizes_are_missing(file):
    text = "note,packed_mb," + HEADER + "x,3.5," + ROW + ",," + ROW.replace(",1,", ",2,")
    table = read_results(file(text))
    assert list(table.columns) == ["task", "arch", "recipe", "seed", "score", "paper_mb", "packed_mb"]
    np.testing.assert_array_equal(table["packed_mb"], [3.5, np.nan])


def test_negative_scores_byte_order_marks_and_blanks_are_no_trouble(file):
    table = read_results(file(b"\xef\xbb\xbf" + (HEADER + "na, tiny ,ft,1.0, -12.5 ,17.55\r\n").encode()))
    assert table.to_dict("records") == [
        {"task": "na", "arch": "tiny", "recipe": "ft", "seed": 1, "score": -12.5, "paper_mb": 17.55}
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no CSV table"),
        (b"\xff\xfe\x00PK", "no CSV table"),
        ("a\nb\nc,d\n", "no CSV table|no column"),
        (HEADER, "has no rows"),
        ("task,arch,recipe,seed\na,b,ft,1\n", "no column score, paper_mb; it needs task, arch"),
        (HEADER + ROW.replace("66.5", "high"), "line 2: score 'high' must be a number from -100 to 100"),
        (HEADER + ROW + ROW.replace("66.5", ""), "line 3: score '' must be"),
        (HEADER + ROW.replace("66.5", "nan"), "line 2: score 'nan'"),
        (HEADER + ROW.replace("66.5", "100.1"), r"score '100\.1' must be"),
        (HEADER + ROW.replace("66.5", "-100.1"), r"score '-100\.1' must be"),
        (HEADER + ROW.replace("17.55", "0"), "paper_mb '0' must be a number of MB above 0"),
        (HEADER + ROW.replace("17.55", "inf"), "paper_mb 'inf'"),
        ("packed_mb," + HEADER + "-1," + ROW, "packed_mb '-1'"),
        (HEADER + ROW.replace(",1,", ",1.5,"), r"seed '1\.5' must be a whole number from 0"),
        (HEADER + ROW.replace(",1,", ",-1,"), "seed '-1'"),
        (HEADER + ROW.replace("ft", "mp60"), "line 2: 'mp60' is no recipe"),
        (HEADER + ROW.replace("rte", " "), "line 2: task is empty"),
        (HEADER + ROW + ROW, "line 3 repeats task rte, tiny/ft, seed 1"),
        (HEADER + ROW.replace(",1,", ",1e30,"), "seed '1e30'"),
        (HEADER + ROW.replace("\n", ",9\n"), "rows have more cells than the header"),
        (HEADER + ROW + ROW.replace("\n", ",9\n"), "no CSV table .*line 3"),
        (HEADER + '"' + ROW, "no CSV table .*EOF inside string"),
        (HEADER + "rte,tiny\n", "line 2: recipe is empty"),
    ],
)
def test_each_mistake_is_one_line_with_place_and_remedy(file, text, expected):
    with pytest.raises(UserError, match=expected) as caught:
        read_results(file(text))
    assert "\n" not in str(caught.value)
    assert "results.csv" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.csv cannot be read"):
        read_results(tmp_path / "nowhere.csv")


def test_baselines_and_post_training_quantization_are_left_out():
    table = results(names=["ft", "ft-ptq8", "ft-int8", "ft-int16", "kd-mp50-ptq8"])
    assert select(table, ["ft-int16"])["recipe"].unique().tolist() == ["ft", "ft-int8"]
    with pytest.raises(UserError, match="only baselines"):
        select(table, ["ft", "ft-int8", "ft-int16"])
