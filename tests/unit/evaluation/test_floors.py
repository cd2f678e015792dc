"""Models without an encoder learn from the training rows, and are scored as all others are."""

import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from multipress.core.errors import UserError
from multipress.data.prepare import SCHEMA
from multipress.evaluation.floors import floors
from workflow_scripts import score_floors

NAMES = {"classification": ["no", "yes"], "regression": None}


def write_task(folder, kind="classification", pairs=False, rows=(200, 60)):
    """Rows whose label, or number, a word of the first text says, and of pairs that of the second says again."""
    folder.mkdir(parents=True)
    (folder / "task.json").write_text(json.dumps({"kind": kind, "labels": NAMES[kind]}))
    for seed, (split, count) in enumerate(zip(("train", "dev"), rows, strict=True)):
        generator = np.random.default_rng(seed)
        told = (generator.random(count) < 0.4).astype(int)
        texts = [[f"w{generator.integers(40)} {'good' if one else 'bad'} w{generator.integers(40)}"] for one in told]
        columns = [np.arange(count), [first for (first,) in texts], [f"so {one}" if pairs else None for one in told]]
        labels = told if kind == "classification" else told * 2.5 + 1
        parquet.write_table(pa.table([*columns, labels], schema=SCHEMA[kind]), folder / f"{split}.parquet")
    return folder


@pytest.mark.parametrize("pairs", [False, True])
def test_words_that_tell_are_learned(tmp_path, pairs):
    table = floors({"mine": write_task(tmp_path / "mine", pairs=pairs)}, {"mine": "accuracy"}, ["tfidf"])
    majority, tfidf = table.to_dict("records")
    dev = parquet.read_table(tmp_path / "mine" / "dev.parquet")["label"].to_numpy()
    assert majority["score"] == pytest.approx(100 * max(dev.mean(), 1 - dev.mean()))
    assert (tfidf["score"], tfidf["rows"], tfidf["metric"]) == (100, 60, "accuracy")
    assert 0 < tfidf["file_mb"] < 1
    assert min(tfidf["train_seconds"], tfidf["median_ms"]) > 0


def test_the_model_is_scikit_learns(tmp_path):
    folder = write_task(tmp_path / "mine", rows=(40, 60))
    train, dev = (parquet.read_table(folder / f"{split}.parquet").to_pydict() for split in ("train", "dev"))
    noise = np.random.default_rng(5).integers(2, size=60)
    dev["label"] = np.where(np.arange(60) < 30, noise, dev["label"])
    parquet.write_table(pa.table(dev, schema=SCHEMA["classification"]), folder / "dev.parquet")
    peer = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\S+"),
        LogisticRegression(C=10.0, max_iter=1000),
    ).fit(train["text_a"], train["label"])
    expected = 100 * np.mean(peer.predict(dev["text_a"]) == dev["label"])
    assert floors({"mine": folder}, {"mine": "accuracy"}, ["tfidf"])["score"][1] == pytest.approx(expected)
    assert expected < 95


def test_numbers_are_predicted(tmp_path):
    table = floors({"mine": write_task(tmp_path / "mine", kind="regression")}, {"mine": "pearson"}, ["tfidf"])
    assert table["score"][0] == 0
    assert table["score"][1] > 95


def test_the_script_writes_tasks_in_their_order(tmp_path):
    for name in ("b", "a"):
        write_task(tmp_path / "data" / name)
    params = {"models": ["tfidf"], "metrics": {"b": "accuracy", "a": "matthews"}}
    arguments = score_floors.argparse.Namespace(data=tmp_path / "data", output=tmp_path / "floors.csv")
    score_floors.main(score_floors.Params.model_validate(params), arguments)
    head, *lines = (tmp_path / "floors.csv").read_text().splitlines()
    assert head == "task,model,metric,score,rows,file_mb,train_seconds,median_ms"
    assert [line.split(",")[:3] for line in lines] == [
        ["b", "majority", "accuracy"],
        ["b", "tfidf", "accuracy"],
        ["a", "majority", "matthews"],
        ["a", "tfidf", "matthews"],
    ]


def test_missing_rows_are_told(tmp_path):
    folder = write_task(tmp_path / "mine")
    (folder / "train.parquet").unlink()
    with pytest.raises(UserError, match=r"train\.parquet cannot be read"):
        floors({"mine": folder}, {"mine": "accuracy"}, ["tfidf"])
