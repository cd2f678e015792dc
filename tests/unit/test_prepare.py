import json
import subprocess
import sys

import pandas
import pytest

from multipress.config.data import DataSettings
from multipress.config.tasks import TaskSpec
from multipress.data import prepare
from multipress.data.prepared import PreparedTask, read_task
from multipress.errors import UserError
from multipress.tasks import GLUE

PAIR = TaskSpec(kind="classification", text_columns=["left", "right"], metric="accuracy", labels=["no", "yes"])
SINGLE = TaskSpec(kind="classification", text_columns=["left"], metric="accuracy")
NUMBER = TaskSpec(kind="regression", text_columns=["left"], metric="pearson", label_range=(0, 5))


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
    splits, names = prepare.from_folder(PAIR, write(tmp_path, extension))
    assert names == ["no", "yes"]
    table = splits["dev"]
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
    splits, _ = prepare.from_folder(SINGLE, write(tmp_path, extension, rows(left=texts)))
    assert splits["train"]["text_a"].to_pylist() == texts


def test_tsv_takes_quotes_as_they_are(tmp_path):
    texts = ['"open', 'mid"dle', '""', "x", "y", "z", "a,b", "'"]
    splits, _ = prepare.from_folder(SINGLE, write(tmp_path, "tsv", rows(left=texts)))
    assert splits["train"]["text_a"].to_pylist() == texts


def test_single_texts_have_no_second(tmp_path):
    splits, _ = prepare.from_folder(SINGLE, write(tmp_path, "parquet"))
    assert splits["train"]["text_b"].null_count == 8


def test_given_idx_is_kept(tmp_path):
    splits, _ = prepare.from_folder(PAIR, write(tmp_path, "csv", rows(idx=range(80, 0, -10))))
    assert splits["train"]["idx"].to_pylist() == list(range(80, 0, -10))


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
    task = SINGLE.model_copy(update={"labels": given})
    splits, found = prepare.from_folder(task, write(tmp_path, "parquet", rows(label=labels)))
    assert found == names
    assert splits["train"]["label"].to_pylist() == ids


def test_regression_labels_are_floats(tmp_path):
    splits, names = prepare.from_folder(NUMBER, write(tmp_path, "csv", rows(label=[0, 5, 2.5, 1, 1, 1, 1, 1])))
    assert names is None
    assert splits["train"].schema == prepare.SCHEMA["regression"]
    assert splits["train"]["label"].to_pylist()[:3] == [0.0, 5.0, 2.5]


def test_only_a_published_pair_may_have_an_empty_text(tmp_path):
    folder = write(tmp_path, "parquet", rows(right=["", *"bcdefgh"]))
    splits, _ = prepare.from_hub(PAIR, folder)
    assert splits["train"]["text_b"][0].as_py() == ""
    with pytest.raises(UserError, match="row 1, column 'right': the text is empty"):
        prepare.from_folder(PAIR, folder)


def test_samples_are_seeded_ordered_and_apart(tmp_path):
    splits, names = prepare.from_folder(PAIR, write(tmp_path, "parquet", rows(1000)))
    settings = DataSettings(max_train_rows=100, max_dev_rows=100, sample_seed=3)
    sampled = prepare.sample(splits, settings, "made", names)
    chosen = sampled["train"]["idx"].to_pylist()
    assert len(chosen) == 100
    assert chosen == sorted(set(chosen))
    assert prepare.sample(splits, settings, "made", names) == sampled
    assert sampled["dev"]["idx"].to_pylist() != chosen
    assert prepare.sample(splits, settings, "other", names)["train"]["idx"].to_pylist() != chosen
    assert sampled["train"]["text_a"].to_pylist() == [f"left {i}" for i in chosen]


def test_a_sample_larger_than_the_split_is_the_split(tmp_path):
    splits, names = prepare.from_folder(PAIR, write(tmp_path, "parquet"))
    assert prepare.sample(splits, DataSettings(max_train_rows=9), "made", names) == splits


def test_a_sample_of_one_class_is_refused(tmp_path):
    splits, names = prepare.from_folder(PAIR, write(tmp_path, "parquet"))
    with pytest.raises(UserError, match="needs rows of at least two"):
        prepare.sample(splits, DataSettings(max_train_rows=1), "made", names)


def run(tmp_path, params, *arguments):
    script = [sys.executable, "-m", "workflow_scripts.prepare_data", "--params", json.dumps(params)]
    return subprocess.run([*script, "--output-dir", tmp_path / "out", *arguments], capture_output=True, text=True)


def test_script_writes_every_split_and_the_task(tmp_path):
    task = SINGLE.model_copy(update={"splits": {"train": "train", "dev": "validation", "dev_other": "train"}})
    params = {"name": "made", "task": task.model_dump(), "source": "folder", "settings": {"max_dev_rows": 3}}
    process = run(tmp_path, params, "--source-dir", write(tmp_path / "in", "tsv"))
    assert process.returncode == 0, process.stderr
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"train.parquet", "dev.parquet", "dev_other.parquet", "task.json"}
    assert read_task(tmp_path / "out" / "task.json") == PreparedTask(
        name="made",
        kind="classification",
        metric="accuracy",
        labels=["0", "1"],
        label_range=None,
        source="folder",
        pair=False,
        rows={"train": 8, "dev": 3, "dev_other": 3},
        dev_splits=["dev", "dev_other"],
    )


@pytest.mark.parametrize("name", GLUE)
def test_synthetic_tasks_come_in_the_schema(name):
    task = GLUE[name]
    settings = DataSettings(source="synthetic", synthetic={"train_rows": 40, "dev_rows": 20}, max_train_rows=30)
    splits, names = prepare.synthetic(name, task, settings)
    assert names == task.labels
    assert {split: table.num_rows for split, table in splits.items()} == {
        split: 40 if split == "train" else 20 for split in task.splits
    }
    assert all(table.schema == prepare.SCHEMA[task.kind] for table in splits.values())
    assert prepare.sample(splits, settings, name, names)["train"].num_rows == 30


def test_script_prepares_synthetic_tasks_without_a_folder(tmp_path):
    settings = {"source": "synthetic", "synthetic": {"train_rows": 40, "dev_rows": 20}}
    params = {"name": "mnli", "task": GLUE["mnli"].model_dump(), "source": "synthetic", "settings": settings}
    process = run(tmp_path, params)
    assert process.returncode == 0, process.stderr
    prepared = read_task(tmp_path / "out" / "task.json")
    assert prepared.rows == {"train": 40, "dev": 20, "dev_mismatched": 20}
    assert prepared.pair


def test_script_tells_a_mistake_in_one_line(tmp_path):
    params = {"name": "made", "task": SINGLE.model_dump(), "source": "folder", "settings": {}}
    process = run(tmp_path, params, "--source-dir", tmp_path / "nothing")
    assert process.returncode == 1
    assert process.stderr.count("\n") == 1
    assert f"folder {tmp_path / 'nothing'} is missing" in process.stderr


def test_a_damaged_task_file_is_told(tmp_path):
    (tmp_path / "task.json").write_text('{"name": "made"}')
    with pytest.raises(UserError, match=r"task\.json: .* rerun prepare_data"):
        read_task(tmp_path / "task.json")
