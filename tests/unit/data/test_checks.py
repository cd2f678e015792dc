"""Every way in which a user's file can be wrong, and what the message says."""

import math
import re

import pandas
import pytest

from multipress.core.errors import UserError
from multipress.data import checks, prepare
from multipress.data.folder import find_split
from multipress.data.settings.rows import RowFormat

CLASSES = RowFormat(kind="classification", text_columns=["text"], labels=["no", "yes"])
NUMBER = RowFormat(kind="regression", text_columns=["text"], label_range=(0, 5))
GOOD = {"text": ["a", "b", "c", "d"], "label": [0, 1, 0, 1]}


def prepare_with(folder, form, train):
    """Prepare training rows from ``train``: columns for Parquet, or (extension, bytes)."""
    if isinstance(train, dict):
        pandas.DataFrame(train).to_parquet(folder / "train.parquet")
    else:
        (folder / f"train.{train[0]}").write_bytes(train[1])
    path = find_split(folder, "train")
    source = prepare.read_source(path, form)
    table = prepare.rows_of(source, form, prepare.label_names(form, source), published=False)
    checks.differing_labels(str(path), table["label"], form.labels)
    return table


@pytest.mark.parametrize(
    ("task", "train", "message"),
    [
        (CLASSES, {"sentence": ["a"], "label": [0]}, "has no column 'text': it has sentence, label"),
        (CLASSES, {"text": ["a"], "target": [0]}, "has no column 'label': it has text, target"),
        (CLASSES, GOOD | {"label": [0, 1, 2, 0]}, "row 3, column 'label': unknown label '2'; known are no, yes"),
        (CLASSES, GOOD | {"label": [0, 1, -1, 0]}, "row 3, column 'label': unknown label '-1'"),
        (CLASSES, GOOD | {"label": ["no", "yes", "may", "no"]}, "row 3, column 'label': unknown label 'may'"),
        (CLASSES, GOOD | {"label": [0, 1, math.nan, 0]}, "row 3, column 'label': the label is missing"),
        (CLASSES, GOOD | {"label": ["no", None, "no", "no"]}, "row 2, column 'label': the label is missing"),
        (CLASSES, GOOD | {"label": [0, 0.5, 1, 0]}, "row 2, column 'label': label 0.5 is not a whole number"),
        (CLASSES, GOOD | {"label": [1, 1, 1, 1]}, "all 4 training rows have the label 'yes'"),
        (CLASSES, GOOD | {"text": ["a", None, "c", "d"]}, "row 2, column 'text': the text is null"),
        (CLASSES, GOOD | {"text": ["a", "b", "c", " \t"]}, "row 4, column 'text': the text is empty"),
        (CLASSES, GOOD | {"text": [1, 2, 3, 4]}, "row 1, column 'text': holds int64"),
        (CLASSES, GOOD | {"idx": [5, 6, 7, 5]}, "row 4, column 'idx': idx 5 is already that of row 1"),
        (CLASSES, GOOD | {"idx": [1, None, 2, 3]}, "row 2, column 'idx': idx is missing; use whole numbers"),
        (CLASSES, {"text": [], "label": []}, "has no data rows"),
        (NUMBER, GOOD | {"label": [0, 5, 5.01, 1]}, "row 3, column 'label': label 5.01 is out of range; use a number"),
        (NUMBER, GOOD | {"label": ["1", "2", "x", "3"]}, "row 3, column 'label': label 'x' is not a number"),
        (NUMBER, GOOD | {"label": [0, 5, math.nan, 1]}, "row 3, column 'label': the label is missing"),
        (NUMBER, GOOD | {"label": [0, 5, math.inf, 1]}, "row 3, column 'label': label inf is not a number"),
    ],
)
def test_wrong_values(tmp_path, task, train, message):
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        prepare_with(tmp_path, task, train)
    assert str(tmp_path / "train.parquet") in str(caught.value)


@pytest.mark.parametrize(
    ("extension", "data", "message"),
    [
        ("parquet", b"PAR1 no parquet PAR1", "cannot be read as Parquet"),
        ("parquet", b"", "cannot be read as Parquet"),
        ("csv", b"", "is empty"),
        ("csv", b"text,label\n", "has no data rows"),
        ("csv", b"text,label\na,0\nb\n", "line 3, column 1: 1 columns where the header has 2"),
        ("csv", b'text,label\na,0\n"b,1\n', "malformed"),
        ("csv", b"text,label\na,0\nb\xff,1\n", "line 3, column 2: not UTF-8"),
        ("csv", b"text,label\na,0\nb,\n", "line 3, column 3 ('label'): the label is missing"),
        ("csv", b"text,label\na,0\n,1\n", "line 3, column 1 ('text'): the text is empty"),
        ("csv", b"text,label,idx\na,0,1\nb,1,1.5\n", "line 3, column 5 ('idx'): idx is '1.5'"),
        ("tsv", b"text\tlabel\na\t0\nb\t1\textra\n", "line 3, column 1: 3 columns where the header has 2"),
        ("jsonl", b"", "is empty"),
        ("jsonl", b'{"text": "a", "label": 0}\n{"text": "b", \n', "line 2, column 15: malformed JSON"),
        ("jsonl", b'{"text": "a", "label": 0}\n[1]\n', "line 2: holds '[1]'"),
        ("jsonl", b'{"text": "a", "label": 0}\n{"label": 1}\n', "line 2, column 1 ('text'): the text is null"),
        ("jsonl", b'{"text": "a", "label": 0}\n{"text": 7, "label": 1}\n', "line 2, column 10 ('text'): mixes"),
        ("jsonl", b'{"text": "a", "label": 0}\n\xfe\n', "line 2, column 1: not UTF-8"),
    ],
)
def test_malformed_files(tmp_path, extension, data, message):
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        prepare_with(tmp_path, CLASSES, (extension, data))
    assert str(tmp_path / f"train.{extension}") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_parquet_cut_in_the_middle(tmp_path):
    pandas.DataFrame(GOOD).to_parquet(tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        prepare_with(tmp_path, CLASSES, ("parquet", data[: len(data) // 2]))


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path):
    table = prepare_with(tmp_path, CLASSES, ("csv", b"\xef\xbb\xbftext,label\r\na,0\r\nb,1\r\n"))
    assert table["label"].to_pylist() == [0, 1]


def test_a_missing_split_lists_what_was_looked_for(tmp_path):
    with pytest.raises(UserError, match=r"looked for train\.parquet, train\.csv, train\.tsv, train\.jsonl"):
        find_split(tmp_path, "train")


def test_two_files_for_one_split_are_refused(tmp_path):
    (tmp_path / "train.csv").touch()
    with pytest.raises(UserError, match="several files for split 'train'"):
        prepare_with(tmp_path, CLASSES, GOOD)
