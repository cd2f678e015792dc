import gzip
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from multipress.core.csv_tables import Fault, TableError, load, read, write
from multipress.core.errors import UserError

MAKER = "the rule that makes it"


@pytest.fixture
def file(tmp_path):
    """A function that writes a file and returns its path."""

    def make(text):
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def test_what_is_written_is_read_back_with_its_decimals(tmp_path):
    table = pd.DataFrame({"arch": ["007", "größe"], "score": [1.23456, np.nan], "seconds": [1.23456, 2.0], "n": [1, 2]})
    write(tmp_path / "table.csv", table, lambda column: 1 if column == "score" else 3)
    assert (tmp_path / "table.csv").read_text() == "arch,score,seconds,n\n007,1.2,1.235,1\ngröße,,2.0,2\n"
    again = read(tmp_path / "table.csv", ["arch", "score"], MAKER, text=["arch"])
    assert again["arch"].tolist() == ["007", "größe"]
    assert again["score"].isna().tolist() == [False, True]


def test_an_empty_text_is_no_unknown_number(tmp_path):
    table = pd.DataFrame({"note": ["", ""], "score": [np.nan, 1.0]})
    write(tmp_path / "table.csv", table)
    again = read(tmp_path / "table.csv", ["note"], MAKER, text=["note", "not there"])
    assert not any(again["note"])
    assert again["score"].isna().tolist() == [True, False]


def test_only_the_given_texts_are_unknown(file):
    path = file("name,ratio\nnull,NA\nNA,1.5\n,\n")
    assert load(path)["name"].tolist() == ["null", "NA", ""]
    table = load(path, dtype={"name": str}, unknown=["NA"])
    assert table["name"].isna().tolist() == [False, True, False]
    write(path, pd.DataFrame({"ratio": [np.nan, 2.0]}), lambda _: 6, unknown="NA")
    assert path.read_text() == "ratio\nNA\n2.0\n"


@pytest.mark.parametrize(
    ("text", "fault", "problem"),
    [
        ("", Fault.MALFORMED, "is no CSV table (No columns to parse from file)"),
        (b"a,b\n\xff,1\n", Fault.MALFORMED, "is no CSV table ('utf-8' codec can't decode"),
        ("a,b\n1,2\n1,2,3\n", Fault.MALFORMED, "is no CSV table (Error tokenizing data."),
        ("a,b\n1,2,3\n4,5,6\n", Fault.RAGGED, "is no CSV table (rows have more cells than the header)"),
        ("a,b\n1,2\n", Fault.INCOMPLETE, "has no column c, d"),
    ],
)
def test_a_fault_is_named_on_one_line_and_says_to_delete_the_file(file, text, fault, problem):
    with pytest.raises(TableError) as caught:
        load(path := file(text), ["a", "c", "d"])
    assert caught.value.fault is fault
    assert caught.value.problem.startswith(problem)
    assert caught.value.reason in caught.value.problem
    with pytest.raises(UserError) as for_people:
        read(path, ["a", "c", "d"], MAKER)
    assert str(for_people.value) == f"{path} {caught.value.problem}; delete it and rerun {MAKER}"
    assert "\n" not in str(for_people.value)


@pytest.mark.parametrize("cut", [-12, 15])
def test_a_compressed_file_that_was_cut_is_told_in_a_line(tmp_path, cut):
    path = tmp_path / "histories.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(500)))[:cut])
    with pytest.raises(UserError, match=r"histories\.csv\.gz is no CSV table \(.+\); delete it and rerun the rule x$"):
        read(path, ["a", "b"], "the rule x")


def test_a_file_that_is_not_there_or_is_a_folder_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.csv is missing; rerun the rule that makes it$"):
        read(tmp_path / "none.csv", [], MAKER)
    with pytest.raises(UserError, match=r"cannot be read \(Is a directory\); rerun the rule that makes it$"):
        read(tmp_path, [], MAKER)
    with pytest.raises(TableError) as caught:
        load(tmp_path / "none.csv")
    assert caught.value.problem == "cannot be read (No such file or directory)"


def test_no_other_module_of_core_imports_pandas():
    modules = "cpus, devices, errors, files, settings, subprocesses, table, tensor_files, validation"
    code = f"from multipress.core import {modules}; import sys; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
