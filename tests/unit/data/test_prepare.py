import json
import sys

import pandas
import pytest

from multipress.core.errors import UserError
from multipress.data import prepare
from multipress.data.glue import GLUE
from multipress.data.prepared import PreparedTask, read_task
from multipress.data.settings.rows import RowFormat
from tests import forked

PAIR = RowFormat(kind="classification", text_columns=["left", "right"], labels=["no", "yes"])
SINGLE = RowFormat(kind="classification", text_columns=["left"])
NUMBER = RowFormat(kind="regression", text_columns=["left"], label_range=(0, 5))


def read(path, form, published=False):
    """The rows of a file, its own labels the names where the format gives none."""
    source = prepare.read_source(path, form)
    return prepare.rows_of(source, form, prepare.label_names(form, source), published)


def rows(count=8, **columns):
    frame = {"left": [f"left {i}" for i in range(count)], "right": [f"right {i}" for i in range(count)]}
    return pandas.DataFrame(frame | {"label": [i % 2 for i in range(count)], "other": 7} | columns)


def write(folder, extension, frame=None):
    frame = rows() if frame is None else frame
    folder.mkdir(exist_ok=True)
    for split in ("train", "validation"):
        path = folder / f"{split}.{extension}"
        match extension:
            case "parquet":
                frame.to_parquet(path)
            case "csv":
                frame.to_csv(path, index=False)
            case "tsv":
                path.write_text("\n".join("\t".join(map(str, row)) for row in [frame.columns, *frame.values]) + "\n")
            case "jsonl":
                frame.to_json(path, orient="records", lines=True)
    return folder


@pytest.mark.parametrize("extension", ["parquet", "csv", "tsv", "jsonl"])
def test_all_formats_give_the_same_rows(tmp_path, extension):
    path = write(tmp_path, extension) / f"validation.{extension}"
    table = read(path, PAIR)
    assert table.schema == prepare.SCHEMA["classification"]
    assert table.to_pydict() == {
        "idx": list(range(8)),
        "text_a": [f"left {i}" for i in range(8)],
        "text_b": [f"right {i}" for i in range(8)],
        "label": [i % 2 for i in range(8)],
    }


@pytest.mark.parametrize("extension", ["parquet", "csv", "jsonl"])
def test_tricky_texts_survive(tmp_path, extension):
    texts = ['"quoted", with comma', "line\nbreak", "n/a", "NULL", "1.0", "日本 \u2028 é", "nan", "'"]
    write(tmp_path, extension, rows(left=texts))
    assert read(tmp_path / f"train.{extension}", SINGLE)["text_a"].to_pylist() == texts


def test_tsv_takes_quotes_as_they_are(tmp_path):
    texts = ['"open', 'mid"dle', '""', "x", "y", "z", "a,b", "'"]
    write(tmp_path, "tsv", rows(left=texts))
    assert read(tmp_path / "train.tsv", SINGLE)["text_a"].to_pylist() == texts


def test_single_texts_have_no_second(tmp_path):
    assert read(write(tmp_path, "parquet") / "train.parquet", SINGLE)["text_b"].null_count == 8


def test_given_idx_is_kept(tmp_path):
    table = read(write(tmp_path, "csv", rows(idx=range(80, 0, -10))) / "train.csv", PAIR)
    assert table["idx"].to_pylist() == list(range(80, 0, -10))


@pytest.mark.parametrize(
    ("labels", "given", "names", "ids"),
    [
        (["b", "a"] * 4, None, ["a", "b"], [1, 0] * 4),
        ([10, 9] * 4, None, ["9", "10"], [1, 0] * 4),
        ([True, False] * 4, None, ["false", "true"], [1, 0] * 4),
        ([1.0, 0.0] * 4, ["no", "yes"], ["no", "yes"], [1, 0] * 4),
        (["yes", "no"] * 4, ["no", "yes"], ["no", "yes"], [1, 0] * 4),
        ([1, 2] * 4, ["1", "2"], ["1", "2"], [0, 1] * 4),
    ],
)
def test_labels_are_names_or_ids(tmp_path, labels, given, names, ids):
    form = SINGLE.model_copy(update={"labels": given})
    path = write(tmp_path, "parquet", rows(label=labels)) / "train.parquet"
    assert prepare.label_names(form, prepare.read_source(path, form)) == names
    assert read(path, form)["label"].to_pylist() == ids


def test_regression_labels_are_floats(tmp_path):
    path = write(tmp_path, "csv", rows(label=[0, 5, 2.5, 1, 1, 1, 1, 1])) / "train.csv"
    assert prepare.label_names(NUMBER, prepare.read_source(path, NUMBER)) is None
    table = read(path, NUMBER)
    assert table.schema == prepare.SCHEMA["regression"]
    assert table["label"].to_pylist()[:3] == [0.0, 5.0, 2.5]


def test_only_a_published_pair_may_have_an_empty_text(tmp_path):
    path = write(tmp_path, "parquet", rows(right=["", *"bcdefgh"])) / "train.parquet"
    assert read(path, PAIR, published=True)["text_b"][0].as_py() == ""
    with pytest.raises(UserError, match="row 1, column 'right': the text is empty"):
        read(path, PAIR)


def test_samples_are_seeded_and_ordered(tmp_path):
    table = read(write(tmp_path, "parquet", rows(1000)) / "train.parquet", PAIR)
    sampled = prepare.sample(table, 100, 3, "made", "train")
    chosen = sampled["idx"].to_pylist()
    assert len(chosen) == 100
    assert chosen == sorted(set(chosen))
    assert sampled["text_a"].to_pylist() == [f"left {i}" for i in chosen]
    assert prepare.sample(table, 100, 3, "made", "train") == sampled
    for other in ((4, "made", "train"), (3, "other", "train"), (3, "made", "dev")):
        assert prepare.sample(table, 100, *other)["idx"].to_pylist() != chosen


@pytest.mark.parametrize("limit", [None, 8, 9])
def test_a_sample_as_large_as_the_split_is_the_split(tmp_path, limit):
    table = read(write(tmp_path, "parquet") / "train.parquet", PAIR)
    assert prepare.sample(table, limit, 0) == table


def run(script, form, *arguments, limit=None, **params):
    params = {"name": "made", "rows": form.model_dump(), "limit": limit} | params
    command = [sys.executable, "-m", f"workflow_scripts.{script}", "--params", json.dumps(params), *arguments]
    return forked.run_text(command)


def paths(folder):
    return ["--train", folder / "train.tsv", "--dev", folder / "validation.tsv"]


def test_training_rows_come_with_the_task_and_the_rows_that_watch(tmp_path):
    source, out = write(tmp_path / "in", "tsv", rows(1200)), tmp_path / "out"
    other = rows(1200, left=[f"other {i}" for i in range(1200)])
    (source / "validation.tsv").write_bytes((write(tmp_path / "dev", "tsv", other) / "train.tsv").read_bytes())
    process = run("prepare_train", SINGLE, *paths(source), "--output-dir", out, limit=5, sample_seed=1)
    assert process.returncode == 0, process.stderr
    assert {path.name for path in out.iterdir()} == {"train.parquet", "monitor.parquet", "task.json"}
    assert read_task(out / "task.json") == PreparedTask(kind="classification", labels=["0", "1"])
    assert len(pandas.read_parquet(out / "train.parquet")) == 5
    assert len(pandas.read_parquet(out / "monitor.parquet")) == 1000


def test_a_dev_set_takes_its_labels_from_the_training_rows(tmp_path):
    source, out = write(tmp_path, "tsv", rows(label=["b", "a"] * 4)), tmp_path / "dev.parquet"
    (source / "validation.tsv").write_text("left\tlabel\nx\tb\ny\tb\nz\tb\n")
    process = run("prepare_dev", SINGLE, *paths(source), "--output", out, limit=2, split="dev", sample_seed=0)
    assert process.returncode == 0, process.stderr
    assert pandas.read_parquet(out)["label"].tolist() == [1, 1]


def test_training_rows_of_one_class_are_refused(tmp_path):
    process = run("prepare_train", PAIR, *paths(write(tmp_path, "tsv")), "--output-dir", tmp_path / "out", limit=1)
    assert "needs rows of at least two" in process.stderr
    assert not (tmp_path / "out").exists()


def test_scripts_tell_a_mistake_in_one_line(tmp_path):
    process = run("prepare_train", SINGLE, *paths(tmp_path / "nothing"), "--output-dir", tmp_path)
    assert process.returncode == 1
    assert process.stderr.count("\n") == 1
    assert f"{tmp_path / 'nothing' / 'train.tsv'}" in process.stderr


def test_a_damaged_task_file_is_told(tmp_path):
    (tmp_path / "task.json").write_text('{"name": "made"}')
    with pytest.raises(UserError, match=r"task\.json: .* rerun prepare_train"):
        read_task(tmp_path / "task.json")


def test_questions_of_glue_are_taken_from_any_file(tmp_path):
    """Some of QQP's are empty, and some have the quotation marks of a program, which are part of the published text."""
    form = RowFormat(**GLUE["qqp"].model_dump(include=set(RowFormat.model_fields)))
    frame = rows(question1=[f"one {i}" for i in range(8)], question2=["", '"b ""c"""', *"defghi"])
    frame = frame.drop(columns=["left", "right"])
    for extension in ("csv", "tsv", "parquet", "jsonl"):
        source = write(tmp_path / extension, extension, frame)
        files = ["--train", source / f"train.{extension}", "--dev", source / f"validation.{extension}"]
        assert run("prepare_train", form, *files, "--output-dir", tmp_path / "out", name="qqp").returncode == 0
        prepared = pandas.read_parquet(tmp_path / "out" / "train.parquet")
        assert prepared["text_b"].tolist() == frame["question2"].tolist()
        own = run("prepare_train", form, *files, "--output-dir", tmp_path / "own").stderr
        assert ("the field is quoted" if extension == "tsv" else "the text is empty") in own


@pytest.mark.parametrize(
    ("form", "metric", "labels", "reason"),
    [
        (NUMBER, None, [3] * 8, "all 8 rows have the same label"),
        (NUMBER, None, [2.5] * 8, "all 8 rows have the same label"),
        (PAIR, "matthews", [1] * 8, "all 8 rows have the same label"),
        (PAIR, "f1", [0] * 8, "none of 8 rows has the label whose F1 is computed"),
        (PAIR, "f1", [1] * 8, None),
        (PAIR, None, [0] * 8, None),
    ],
)
def test_a_dev_set_without_a_score_is_refused(tmp_path, form, metric, labels, reason):
    source = write(tmp_path, "tsv")
    write(tmp_path / "dev", "tsv", rows(label=labels))
    files = ["--train", source / "train.tsv", "--dev", tmp_path / "dev" / "train.tsv"]
    process = run("prepare_dev", form, *files, "--output", tmp_path / "dev.parquet", split="dev", metric=metric)
    assert (process.returncode, (tmp_path / "dev.parquet").exists()) == ((0, True) if reason is None else (1, False))
    assert reason is None or f"gives no score: {reason}" in process.stderr
    if form is NUMBER:  # whatever the metric: no training should start
        early = run("prepare_train", form, *files, "--output-dir", tmp_path / "out")
        assert f"gives no score: {reason}" in early.stderr
    if reason is None:
        assert "warning: all 8 rows of the dev set" in process.stdout


def test_rows_without_labels_are_named(tmp_path):
    process = run("prepare_train", SINGLE, *paths(write(tmp_path, "tsv", rows(label=-1))), "--output-dir", tmp_path)
    assert "all 8 training rows have the label '-1' (as in GLUE's test sets" in process.stderr


def test_training_rows_of_one_number_are_refused(tmp_path):
    source = write(tmp_path, "tsv", rows(label=[2.5] * 8))
    process = run("prepare_train", NUMBER, *paths(source), "--output-dir", tmp_path / "out")
    assert "all 8 training rows have the label 2.5; a regression needs rows of at least two" in process.stderr


def test_rows_that_are_learned_and_tested_are_told_or_refused(tmp_path):
    source, other = write(tmp_path, "tsv", rows(30)), rows(30)
    other["left"] = [f"other {i}" for i in range(27)] + ["left 7", " left 8", "left 9"]
    for dev, code, said in (
        (rows(30), 1, "all 30 rows of the dev set"),
        (other, 0, "warning: 3 of 30 rows of the dev set"),
    ):
        write(tmp_path / "dev", "tsv", dev)
        files = ["--train", source / "train.tsv", "--dev", tmp_path / "dev" / "train.tsv"]
        for process in (
            run("prepare_train", SINGLE, *files, "--output-dir", tmp_path / "out"),
            run("prepare_dev", SINGLE, *files, "--output", tmp_path / "dev.parquet", split="dev"),
        ):
            assert process.returncode == code
            assert said in process.stderr + process.stdout
