"""The floor that a study's models stand on: what a task's words tell without an encoder."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow

from multipress.data.prepared import PreparedTask, read_rows, read_task
from multipress.evaluation import word_model
from multipress.evaluation.metrics import majority_score, primary_score, score_all
from multipress.evaluation.tables import FLOORS
from multipress.evaluation.word_model import WordModel

_TIMED = 200
"""Dev rows that are answered one by one, for the time that one takes; all, where there are fewer."""


def floors(folders: dict[str, Path], metrics: dict[str, str], models: list[str]) -> pd.DataFrame:
    """A row for each task and model, and one for the most frequent answer, in the order of the tasks.

    Args:
        folders: of prepared data, by task: task.json, train.parquet and dev.parquet.
        metrics: the primary metric of each task.
        models: of those without an encoder: ``tfidf``, the only one there is.

    Raises:
        UserError: a file is missing or damaged, or the metric has no value on the dev set.
    """
    rows = [row for task, folder in folders.items() for row in _of_task(task, folder, metrics[task], models)]
    return pd.DataFrame(rows, columns=list(FLOORS.columns))


def _of_task(task: str, folder: Path, metric: str, models: list[str]) -> list[dict[str, Any]]:
    prepared, dev = read_task(folder / "task.json"), read_rows(folder / "dev.parquet")
    labels, classes = _labels(dev, prepared), len(prepared.labels or [])
    same = {"task": task, "metric": metric, "rows": len(dev)}
    majority = majority_score(prepared.kind, metric, labels, classes, f"the dev set of {task}")
    found = [same | {"model": "majority", "score": majority, "file_mb": 0.0}]
    if "tfidf" in models:
        started = time.perf_counter()
        train = read_rows(folder / "train.parquet")
        model = word_model.fit(_texts(train), _labels(train, prepared), classes if prepared.labels else None)
        seconds = time.perf_counter() - started
        scores = score_all(prepared.kind, labels, model.predict(_texts(dev)), classes)
        measured = {
            "score": primary_score(metric, scores, f"the dev set of {task}"),
            "file_mb": model.megabytes,
            "train_seconds": seconds,
            "median_ms": _milliseconds(model, _texts(dev.slice(0, _TIMED))),
        }
        found.append(same | {"model": "tfidf"} | measured)
    return found


def _texts(rows: pyarrow.Table) -> list[list[str]]:
    """The texts of all rows; of pairs the first ones, then the second ones."""
    columns = [rows["text_a"], rows["text_b"]]
    return [column.to_pylist() for column in columns if column.null_count == 0]


def _labels(rows: pyarrow.Table, task: PreparedTask) -> np.ndarray:
    values = rows["label"].to_numpy()
    return values.astype(np.float64 if task.labels is None else np.int64)


def _milliseconds(model: WordModel, texts: list[list[str]]) -> float:
    """The median of what single rows take."""
    spent = []
    for row in zip(*texts, strict=True):
        started = time.perf_counter()
        model.predict([[text] for text in row])
        spent.append(time.perf_counter() - started)
    return float(np.median(spent)) * 1e3
