import json
import subprocess
import sys
from dataclasses import replace

import numpy
import pandas
import pyarrow
import pyarrow.feather
import pyarrow.ipc
import pytest

from multipress.core.errors import UserError
from multipress.data import tokenization
from multipress.data.token_files import read_tokens, write_tokens
from multipress.data.tokens import Tokens, concatenate
from tests import forked

VOCABULARY = [*tokenization.SPECIAL_TOKENS, "a", "b", "c", "d"]


@pytest.fixture
def tokenizer(tmp_path):
    tokenization.save(tokenization.build(VOCABULARY, lowercase=True), tmp_path, lowercase=True)
    return tmp_path / "tokenizer.json"


def write_rows(path, **columns):
    rows = {"idx": [7, 5, 6], "text_a": ["a", "A b c d", "b b"], "text_b": [None] * 3, "label": [0, 1, 1]}
    pandas.DataFrame(rows | columns).astype({"text_b": "str"}).to_parquet(path)
    return path


def run(tokenizer, rows, output, max_length=8, pair=False):
    params = json.dumps({"max_length": max_length, "pair": pair})
    paths = ["--rows", rows, "--tokenizer", tokenizer, "--output", output]
    return forked.run_text([sys.executable, "-m", "workflow_scripts.tokenize", "--params", params, *paths])


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "small.arrow"
    encoded = [(numpy.array([2, row, 3], numpy.int32), 3) for row in range(100)]
    numbers = pyarrow.array(range(100))
    write_tokens(path, encoded, idx=numbers, copies=numbers, labels=numbers)
    return path


def test_single_texts(tokenizer, tmp_path):
    process = run(tokenizer, write_rows(tmp_path / "rows.parquet"), tmp_path / "out.arrow")
    assert process.returncode == 0, process.stderr
    tokens = read_tokens(tmp_path / "out.arrow")
    assert len(tokens) == 3
    assert tokens.ids.tolist() == [2, 5, 3, 2, 5, 6, 7, 8, 3, 2, 6, 6, 3]
    assert tokens.offsets.tolist() == [0, 3, 9, 13]
    assert tokens.lengths.tolist() == tokens.first_lengths.tolist() == [3, 6, 4]
    assert tokens.labels.tolist() == [0.0, 1.0, 1.0]
    assert tokens.idx.tolist() == [7, 5, 6]
    types = {name: getattr(tokens, name).dtype.name for name in ("ids", "offsets", "first_lengths", "labels", "idx")}
    assert types == {"ids": "int32", "offsets": "int64", "first_lengths": "int32", "labels": "float64", "idx": "int64"}


def test_pairs_lose_tokens_from_the_longer_text(tokenizer, tmp_path):
    rows = write_rows(tmp_path / "rows.parquet", text_b=["c", "d", "c " * 20], label=[0.5, 1.0, 4.25])
    process = run(tokenizer, rows, tmp_path / "out.arrow", pair=True)
    assert process.returncode == 0, process.stderr
    tokens = read_tokens(tmp_path / "out.arrow")
    assert tokens.lengths.tolist() == [5, 8, 8]
    assert tokens.first_lengths.tolist() == [3, 6, 4]
    assert tokens.ids[tokens.offsets[2] :].tolist() == [2, 6, 6, 3, 7, 7, 7, 3]
    assert tokens.labels.tolist() == [0.5, 1.0, 4.25]


def test_rows_are_no_longer_than_the_tokenizer_is_meant_for(tokenizer, tmp_path):
    config = tokenizer.with_name("tokenizer_config.json")
    config.write_text(config.read_text().replace('"model_max_length": 512', '"model_max_length": 8'))
    rows, output = write_rows(tmp_path / "rows.parquet"), tmp_path / "out.arrow"
    assert run(tokenizer, rows, output).returncode == 0
    process = run(tokenizer, rows, output, max_length=9)
    assert process.returncode == 1
    assert "tokenize.max_length is 9, but" in process.stderr
    assert "model_max_length 8: lower tokenize.max_length" in process.stderr


def test_copies_of_augmented_rows_are_kept(tokenizer, tmp_path):
    rows = write_rows(tmp_path / "rows.parquet", idx=[7, 7, 7], copy=[1, 2, 3])
    assert run(tokenizer, rows, tmp_path / "out.arrow").returncode == 0
    table = pyarrow.ipc.open_file(tmp_path / "out.arrow").read_all()
    assert table["copy"].to_pylist() == [1, 2, 3]
    assert read_tokens(tmp_path / "out.arrow").copies.tolist() == [1, 2, 3]
    assert table["idx"].to_pylist() == [7, 7, 7]


def test_thread_count_changes_no_byte(tokenizer, tmp_path, monkeypatch):
    rows = write_rows(
        tmp_path / "rows.parquet",
        **{"idx": range(5000), "text_a": ["a b c d"[: 1 + row % 7] for row in range(5000)], "label": [1] * 5000}
        | {"text_b": [None] * 5000},
    )
    contents = set()
    for threads in ("1", "2"):
        monkeypatch.setenv("RAYON_NUM_THREADS", threads)
        assert run(tokenizer, rows, tmp_path / "out.arrow").returncode == 0
        contents.add((tmp_path / "out.arrow").read_bytes())
    assert len(contents) == 1


def test_tokenizing_needs_no_heavy_library():
    heavy = "{'torch', 'transformers', 'datasets', 'pandas'}"
    code = f"import sys, workflow_scripts.tokenize; print(*{heavy} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_arrays_are_views_of_the_mapped_file(token_file):
    tokens = read_tokens(token_file)
    for array in (tokens.ids, tokens.first_lengths, tokens.labels, tokens.idx):
        assert not array.flags.owndata
        assert not array.flags.writeable


def test_concatenation_keeps_rows_apart(token_file):
    part = read_tokens(token_file)
    whole = concatenate([part, part, part])
    assert isinstance(whole, Tokens)
    assert len(whole) == 300
    for row in (0, 99, 100, 250):
        assert whole.ids[whole.offsets[row] : whole.offsets[row + 1]].tolist() == [2, row % 100, 3]
    assert whole.labels.tolist() == part.labels.tolist() * 3
    parts = [replace(part, copies=copies) for copies in (None, numpy.full(100, 2), numpy.zeros(100, int))]
    assert concatenate(parts).is_copy.tolist() == [False] * 100 + [True] * 100 + [False] * 100


@pytest.mark.parametrize("kept", [0, 7, 100, 1500, -1])
def test_a_cut_file_is_refused(token_file, kept):
    token_file.write_bytes(token_file.read_bytes()[:kept])
    with pytest.raises(UserError, match="no intact token file"):
        read_tokens(token_file)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(UserError, match="is missing"):
        read_tokens(tmp_path / "nothing.arrow")
    pyarrow.feather.write_feather(pandas.DataFrame({"idx": [1]}), tmp_path / "other.arrow", compression="uncompressed")
    with pytest.raises(UserError, match="other columns"):
        read_tokens(tmp_path / "other.arrow")


def test_no_rows_give_an_empty_token_file(tokenizer, tmp_path):
    schema = pyarrow.schema(
        [
            ("idx", pyarrow.int64()),
            ("copy", pyarrow.int64()),
            ("text_a", pyarrow.string()),
            ("text_b", pyarrow.string()),
        ]
    )
    empty = schema.append(pyarrow.field("label", pyarrow.int64())).empty_table()
    pyarrow.parquet.write_table(empty, tmp_path / "augmented.parquet")
    process = run(tokenizer, tmp_path / "augmented.parquet", tmp_path / "out.arrow")
    assert process.returncode == 0, process.stderr
    tokens = read_tokens(tmp_path / "out.arrow")
    assert len(tokens) == 0
    assert tokens.offsets.tolist() == [0]


def test_rows_that_cannot_be_read_are_told(tokenizer, tmp_path):
    process = run(tokenizer, tmp_path / "nothing.parquet", tmp_path / "out.arrow")
    assert process.returncode == 1
    assert process.stderr.count("\n") == 1
    assert "nothing.parquet cannot be read" in process.stderr
