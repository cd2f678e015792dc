"""What stands in files of every format, as people and programs write them."""

import csv
import decimal
import json
import re
import unicodedata

import numpy
import pyarrow as pa
import pyarrow.parquet
import pytest

from multipress.core.errors import UserError
from multipress.data import prepare
from multipress.data.settings.rows import RowFormat

FORM = RowFormat(kind="classification", text_columns=["text"])
NUMBER = RowFormat(kind="regression", text_columns=["text"])
FORMATS = ["csv", "tsv", "jsonl", "parquet"]


def write(folder, extension, names, rows):
    """A file of these columns; ``rows`` are tuples of strings or of JSON's values."""
    path = folder / f"train.{extension}"
    if extension == "parquet":
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        pa.parquet.write_table(pa.table(columns, names=names), path)
    elif extension == "jsonl":
        pairs = (
            ", ".join(f"{json.dumps(n)}: {json.dumps(v)}" for n, v in zip(names, row, strict=True)) for row in rows
        )
        path.write_text("".join(f"{{{line}}}\n" for line in pairs))
    else:
        quoting = {"csv": {}, "tsv": {"quoting": csv.QUOTE_NONE, "quotechar": None, "delimiter": "\t"}}[extension]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n", **quoting).writerows([names, *rows])
    return path


def read(path, form=FORM):
    """The label names, and the rows' texts and labels."""
    source = prepare.read_source(path, form)
    names = prepare.label_names(form, source)
    table = prepare.rows_of(source, form, names, published=False)
    return names, table["text_a"].to_pylist(), table["label"].to_pylist()


def refused(path, message, form=FORM):
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        read(path, form)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("extension", FORMATS)
def test_headers_and_labels_have_one_normal_form(tmp_path, extension):
    rows = [("a", " pos"), ("b", "neg\u00a0"), ("c", "pos"), ("d", "cafe\u0301"), ("e", "caf\u00e9")]
    names, texts, labels = read(write(tmp_path, extension, ["text ", "\ufeff label"], rows))
    assert (names, labels) == (["caf\u00e9", "neg", "pos"], [2, 1, 2, 0, 0])
    assert texts == list("abcde")


@pytest.mark.parametrize("extension", FORMATS)
def test_texts_stay_as_they_are(tmp_path, extension):
    texts = [" blanks around ", "nin\u0303o", "ni\u00f1o", "\U0001f44d\u200d", "x\u2028y\u0085z", "word " * 28000]
    rows = [(text, "a" if number % 2 else "b") for number, text in enumerate(texts)]
    assert read(write(tmp_path, extension, ["text", "label"], rows))[1] == texts


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (["Pos", "neg", "pos"], "label 'pos' and 'Pos' differ by spelling alone"),
        (["very good", "bad", "very  good"], "label 'very  good' and 'very good' differ by spelling alone"),
        (["01", "2", "1"], "label '1' and '01' differ by spelling alone"),
        (["0", "1", "pos"], "label 'pos' is a name, and label '0' of other rows a number"),
        (["a", "b", "\u200b "], "the label is missing"),
    ],
)
def test_ambiguous_labels_are_refused_at_their_place(tmp_path, extension, labels, reason):
    path = write(tmp_path, extension, ["text", "label"], [("one", label) for label in labels])
    places = dict.fromkeys(("csv", "tsv"), "line 4, column 5 ('label')")
    places |= {"jsonl": "line 3, column 26 ('label')", "parquet": "row 3, column 'label'"}
    refused(path, f"{places[extension]}: {reason}")


@pytest.mark.parametrize("extension", FORMATS)
def test_a_wanted_column_that_occurs_twice_is_refused(tmp_path, extension):
    path = write(tmp_path, extension, ["text", "label", "text "], [("a", "x", "b"), ("c", "y", "d")])
    refused(path, "'text' names a second column")
    path = write(tmp_path, extension, ["text", "label", "note", "Text"], [("a", "x", "b", "e"), ("c", "y", "d", "f")])
    assert read(path)[1] == ["a", "c"]


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    ("labels", "names", "ids"),
    [
        ([True, False, True], ["false", "true"], [1, 0, 1]),
        ([1.0, 0.0, 10.0], ["0", "1", "10"], [1, 0, 2]),
        ([2, 10, 2], ["2", "10"], [0, 1, 0]),
    ],
)
def test_labels_that_are_no_texts_read_alike_in_all_formats(tmp_path, extension, labels, names, ids):
    path = write(tmp_path, extension, ["text", "label"], [("t", label) for label in labels])
    found = read(path)
    assert (found[0], found[2]) == (names, ids)


@pytest.mark.parametrize(
    ("given", "labels", "ids"),
    [
        (["no", "yes"], ["1.0", "0", "1"], [1, 0, 1]),
        (["False", "True"], ["true", "TRUE", "False"], [1, 1, 0]),
        (["1", "2+", "3"], ["3", "1", "2+"], [2, 0, 1]),
        (["caf\u00e9 ", "bar"], ["cafe\u0301", "bar", "bar"], [0, 1, 1]),
    ],
)
def test_given_names_meet_their_spellings(tmp_path, given, labels, ids):
    form = RowFormat(kind="classification", text_columns=["text"], labels=given)
    path = write(tmp_path, "csv", ["text", "label"], [("t", label) for label in labels])
    assert read(path, form)[2] == ids


@pytest.mark.parametrize(
    ("given", "labels", "reason"),
    [
        (["no", "yes"], ["no", "Yes"], "unknown label 'Yes' (spelled 'yes' elsewhere); known are no, yes"),
        (["no", "yes"], ["0", "yes"], "labels are names and ids: 'yes' after '0'"),
        (["no", "yes"], ["0", "-1"], "unknown label '-1' (as in GLUE's test sets"),
        (["1", "2+", "3"], ["1", "0"], "unknown label '0'; known are 1, 2+, 3"),
    ],
)
def test_labels_beside_the_given_names_are_refused(tmp_path, given, labels, reason):
    form = RowFormat(kind="classification", text_columns=["text"], labels=given)
    path = write(tmp_path, "tsv", ["text", "label"], [("t", label) for label in labels])
    refused(path, f"line 3, column 3 ('label'): {reason}", form)


STRINGS = pa.array(["one", "two", "three"])


@pytest.mark.parametrize(
    "strings",
    [
        STRINGS.cast(pa.string_view()),
        STRINGS.cast(pa.large_string()),
        STRINGS.dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int64()), STRINGS.cast(pa.large_string())),
        pa.chunked_array([STRINGS[:2].dictionary_encode(), STRINGS[2:].dictionary_encode()]),
    ],
    ids=["view", "large", "dictionary", "large dictionary", "dictionaries in chunks"],
)
def test_all_strings_of_arrow_are_strings(tmp_path, strings):
    path = tmp_path / "train.parquet"
    pa.parquet.write_table(pa.table({"text": strings, "label": strings}), path, row_group_size=2)
    assert read(path) == (["one", "three", "two"], STRINGS.to_pylist(), [0, 2, 1])


@pytest.mark.parametrize(
    "kind", [pa.decimal128(3, 2), pa.decimal256(50, 4), pa.float16(), pa.float32(), pa.int8(), pa.uint64()]
)
def test_all_numbers_of_arrow_are_numbers(tmp_path, kind):
    path, values = tmp_path / "train.parquet", [decimal.Decimal(value) for value in (2, 0, 2)]
    numbers = pa.array(values if pa.types.is_decimal(kind) else numpy.array([2, 0, 2]), kind)
    pa.parquet.write_table(pa.table({"text": STRINGS, "label": numbers}), path)
    assert read(path)[::2] == (["0", "2"], [1, 0, 1])
    assert read(path, NUMBER)[2] == [2.0, 0.0, 2.0]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (pa.array([b"a", b"b", b"a"]), "row 1, column 'label': holds binary"),
        (pa.array([1, 2, 3], pa.int32()).cast(pa.date32()), "row 1, column 'label': holds date32"),
        (pa.array([["a"], ["b"], ["a"]]), "row 1, column 'label': holds list"),
        (pa.array([None, None, None]), "row 1, column 'label': the label is missing"),
        (
            pa.array([decimal.Decimal("1.00"), decimal.Decimal("1.50"), None]),
            "row 2, column 'label': label 1.50 is not",
        ),
    ],
)
def test_what_is_no_label_is_named(tmp_path, labels, reason):
    pa.parquet.write_table(pa.table({"text": STRINGS, "label": labels}), tmp_path / "train.parquet")
    refused(tmp_path / "train.parquet", reason)


@pytest.mark.parametrize("value", ["1_0", "1,5", "\u0661", "true", "inf", "0x1"])
def test_what_is_no_number_is_named(tmp_path, value):
    path = write(tmp_path, "tsv", ["text", "label"], [("a", " 1.5e0 "), ("b", value)])
    refused(path, f"line 3, column 3 ('label'): label {value!r} is not a number", NUMBER)


@pytest.mark.parametrize(
    ("extension", "data", "message"),
    [
        ("csv", b'text,label\r\n"a\r\nb",x\r\n"c""d", \r\n', "line 4, column 8 ('label'): the label is missing"),
        ("csv", b"\n\ntext,label\n\na,x\n,y\n", "line 6, column 1 ('text'): the text is empty"),
        ("csv", "text,label\n\U0001f600\u00e9,x\n\U0001f600\u00e9,\n".encode(), "line 3, column 4 ('label')"),
        ("csv", b'text,label\na,x\n"b,y\nc,x\n', "line 3, column 1: malformed"),
        ("csv", b'text,label\na,x\nb,"y"z\n', "line 3, column 3: malformed"),
        ("csv", b"text,label\na,x\nb\0,y\n", "line 3, column 2: a NUL character"),
        ("tsv", "text\tlabel\n".encode("utf-16-le"), "line 1, column 2: a NUL character, as in UTF-16"),
        ("tsv", b"text\tlabel\n\xc3\xa9caf\xe9\tx\n", "line 2, column 5: not UTF-8"),
        (
            "jsonl",
            b'{"text": "a", "label": "x"}\n{"text": "b\\u0000", "label": "y"}\n',
            "line 2, column 10 ('text'): the te",
        ),
        ("jsonl", b'{"text": "a", "label": 1}\n\n{"label": "x", "text": "b"}\n', "line 3, column 11 ('label'): mixes"),
        (
            "jsonl",
            b'{"text": "a", "label": 1}\n{"text": "b", "text": "c"}\n',
            "line 2, column 23: the key 'text' occurs",
        ),
        ("jsonl", b'{"text": "a", "label": 1}\n{"text": "b", "label": 1e}\n', "line 2, column 25: malformed JSON"),
    ],
)
def test_places_are_those_of_an_editor(tmp_path, extension, data, message):
    (tmp_path / f"train.{extension}").write_bytes(data)
    refused(tmp_path / f"train.{extension}", message)


@pytest.mark.parametrize("half", ["\\ud83d", "\\udE00", "x\\ud83d\\ud83d\\ude00"])
@pytest.mark.parametrize("column", ["text", "label"])
def test_half_an_emoji_is_refused_where_it_is_read(tmp_path, half, column):
    path = tmp_path / "train.jsonl"
    good = '{"text": "a", "label": "x"}\n'
    path.write_text(f'{good}{{"{column}": "{half}"}}\n')
    refused(path, f"line 2, column {len(column) + 6} ('{column}'): half a surrogate pair is no character")
    path.write_text(f'{good}{{"text": "\\ud83d\\ude00", "label": "y", "note": "{half}"}}\n')
    assert read(path)[1] == ["a", "\U0001f600"]


@pytest.mark.parametrize(
    "lines",
    [
        ["text\tlabel", '"a\tx', 'b"\ty'],
        ["text\tlabel", '"\tx', '"Yes."\ty'],
        ["text\tlabel", '"a ""b"" c"\tx', 'say "d"\ty'],
        ["text\tlabel", '"Yes."\tx', '"No."\ty'],
    ],
)
def test_a_tsv_is_not_quoted(tmp_path, lines):
    (tmp_path / "train.tsv").write_text("\n".join(lines) + "\n")
    assert read(tmp_path / "train.tsv")[1] == [line.partition("\t")[0] for line in lines[1:]]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (['"text"\t"label"', '"a"\t"x"', '"b"\t"y"'], "line 1, column 1: the field is quoted"),
        (["text\tlabel", "a\tx", '"b ""c"""\ty'], "line 3, column 1: the field is quoted"),
        (["label\ttext", 'x\t"a ""b"""', "y\tc"], "line 2, column 3: the field is quoted"),
        (
            ["text\tlabel", '"a\tb"\tx'],
            "line 2, column 1: 3 columns where the header has 2; fix the row (a TSV is read",
        ),
        (
            ["text\tlabel", '"a', 'b"\tx'],
            "line 2, column 1: 1 columns where the header has 2; fix the row (a TSV is read",
        ),
    ],
)
def test_a_quoted_tsv_is_refused(tmp_path, lines, place):
    (tmp_path / "train.tsv").write_text("\n".join(lines) + "\n")
    refused(tmp_path / "train.tsv", place)


def test_the_names_of_columns_meet_their_spellings(tmp_path):
    form = RowFormat(
        kind="classification", text_columns=[" te\u0301xte"], label_column=unicodedata.normalize("NFD", "\u00e9")
    )
    path = write(tmp_path, "csv", ["t\u00e9xte", "\u00e9 "], [("a", "x"), ("b", "y")])
    assert read(path, form)[1] == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text_columns": ["text", "text "]}, "text_columns names 'text' twice"),
        ({"text_columns": ["text", "label\u00a0"]}, "label_column 'label' is a text column, too"),
        ({"text_columns": ["e\u0301"], "label_column": "\u00e9"}, "is a text column, too"),
        ({"labels": ["pos", "Pos"]}, "labels 'pos' and 'Pos' differ by spelling alone"),
        ({"labels": ["pos", "pos "]}, "at least two different names"),
        ({"labels": ["pos", "\u200b"]}, "at least two different names"),
    ],
)
def test_forms_that_cheat_or_are_ambiguous_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        RowFormat(**{"kind": "classification", "text_columns": ["text"]} | changes)
