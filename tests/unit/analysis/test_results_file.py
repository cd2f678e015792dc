import numpy as np
import pytest

from multipress.analysis.results_file import read_results
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


def test_what_one_answer_to_all_rows_scores_is_read_where_the_rows_are_counted_too(file):
    text = "rows,data,score_majority," + HEADER + "277,hub,52.7," + ROW + ",,," + ROW.replace(",1,", ",2,")
    table = read_results(file(text))
    np.testing.assert_array_equal(table["score_majority"], [52.7, np.nan])
    np.testing.assert_array_equal(table["rows"], [277, np.nan])
    assert table["data"].tolist() == ["hub", ""]
    alone = read_results(file("rows," + HEADER + "many," + ROW))
    assert "rows" not in alone


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
        ("a\nb\nc,d\n", "has no column task, .* and has a$"),
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
        ("score_majority,rows," + HEADER + "half,9," + ROW, "score_majority 'half' must .* leave it empty"),
        ("score_majority,rows," + HEADER + "50,0," + ROW, "rows '0' must be a number of rows from 1; fix it, or leave"),
        (HEADER + ROW.replace(",1,", ",1.5,"), r"seed '1\.5' must be a whole number from 0"),
        (HEADER + ROW.replace(",1,", ",-1,"), "seed '-1'"),
        (HEADER + ROW.replace("ft", "mp60"), "line 2: 'mp60' is no recipe"),
        (HEADER + ROW.replace("rte", " "), "line 2: task is empty"),
        (HEADER + ROW + ROW, "line 3: repeats task rte, tiny/ft, seed 1 of line 2; keep one of them"),
        (HEADER + ROW.replace(",1,", ",1e30,"), "seed '1e30'"),
        (HEADER + ROW.replace("\n", ",9\n"), "line 2: 7 cells, more than the header's 6"),
        (HEADER + ROW + ROW.replace("\n", ",9\n"), "line 3: 7 cells, more than the header's 6"),
        (HEADER + '"' + ROW, "line 2: no CSV row .*mend its quotation marks"),
        (HEADER + "\n\n" + ROW.replace("66.5", "n/a"), "line 4: score 'n/a' must be"),
        (HEADER + '"r\nt\ne",tiny,ft,1,66.5,17\n' + ROW.replace("66.5", "-inf"), "line 5: score '-inf' must be"),
        (HEADER + ROW.replace("66.5", "66.5%"), "line 2: score '66.5%' must be a number .* without a unit"),
        (HEADER + ROW.replace("17.55", "17.55 MB"), "line 2: paper_mb '17.55 MB' must be .* without a unit"),
        (HEADER + ROW.replace("17.55", ""), "line 2: paper_mb '' must be a number of MB above 0"),
        ("packed_mb," + HEADER + "NA," + ROW, "line 2: packed_mb 'NA' must be .*; fix it, or leave it empty"),
        ("Paper MB," + HEADER + "17," + ROW, "line 1: columns 1 and 7 are both called paper_mb; keep one"),
        (HEADER + ROW.replace("ft", "FT"), "line 2: 'FT' is no recipe"),
        (HEADER + ROW + "\n" + ROW.replace("ft", "kd-int8") + ROW, "line 5: repeats .* of line 2"),
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


def test_a_table_of_another_program_is_the_same_table(file):
    table = results().assign(score=lambda rows: rows["score"] - 0.25, packed_mb=2.5)
    text = table.to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    header, rest = text.split("\r\n", 1)
    shouted = "\ufeff" + header.upper().replace(";", " ; ").replace("_", " ")
    assert read_results(file(f"{shouted}\r\n\r\n{rest}")).equals(table)


def test_a_recipe_of_variants_needs_a_subset(file):
    text = "subset," + HEADER + "KD+slow," + ROW.replace("ft", "kd-slow")
    assert read_results(file(text))["recipe"].tolist() == ["kd-slow"]
    with pytest.raises(UserError, match="line 2: 'kd-slow' is no recipe: there is no step 'slow'"):
        read_results(file(text.replace("KD+slow", "")))
