"""Bring a task from any source to one schema."""

from collections.abc import Callable
from pathlib import Path

import numpy
import pyarrow

from multipress.config.data import DataSettings
from multipress.config.tasks import TaskSpec
from multipress.data import checks
from multipress.data.checks import Column
from multipress.data.folder import Columns, find_split, read_columns
from multipress.files import digest

SCHEMA = {
    kind: pyarrow.schema(
        [("idx", pyarrow.int64()), ("text_a", pyarrow.string()), ("text_b", pyarrow.string()), ("label", label)]
    )
    for kind, label in (("classification", pyarrow.int64()), ("regression", pyarrow.float64()))
}
"""Columns of a prepared split; text_b is null throughout for a task of single texts."""

Splits = dict[str, pyarrow.Table]
TextCheck = Callable[[Column], pyarrow.Array]


def from_folder(task: TaskSpec, folder: Path) -> tuple[Splits, list[str] | None]:
    """All splits of a task from a user's files, and the label names (None for regression).

    Raises:
        UserError: a file is missing or malformed, or a value breaks a rule of ``checks``.
    """
    return _from_files(task, folder, checks.visible_texts)


def from_hub(task: TaskSpec, folder: Path) -> tuple[Splits, list[str] | None]:
    """The same from the files that were downloaded from the hub.

    A text of a pair may be empty here: two training rows of GLUE's QQP are published so
    (https://github.com/huggingface/datasets/issues/277).
    """
    return _from_files(task, folder, checks.texts if len(task.text_columns) == 2 else checks.visible_texts)


def _from_files(task: TaskSpec, folder: Path, check_text: TextCheck) -> tuple[Splits, list[str] | None]:
    paths = {split: find_split(folder, source) for split, source in task.splits.items()}
    required = [*task.text_columns, task.label_column]
    columns = {split: read_columns(path, required, ["idx"]) for split, path in paths.items()}
    names = task.labels
    if names is None and task.kind == "classification":
        names = checks.infer_names(Column(str(paths["train"]), task.label_column, columns["train"][task.label_column]))
    splits = {
        split: _bring_to_schema(task, str(path), columns[split], names, check_text) for split, path in paths.items()
    }
    if names is not None:
        checks.several_classes(str(paths["train"]), splits["train"]["label"], names)
    return splits, names


def synthetic(name: str, task: TaskSpec, settings: DataSettings) -> tuple[Splits, list[str] | None]:
    """All splits of a task from the built-in generator, and the label names (None for regression)."""
    from multipress.data.synthetic import generate  # only this source depends on the generator

    sizes = settings.synthetic
    rows = {split: sizes.train_rows if split == "train" else sizes.dev_rows for split in task.splits}
    return generate(name, rows, sizes.seed), task.labels


def sample(splits: Splits, settings: DataSettings, name: str, names: list[str] | None) -> Splits:
    """Seeded samples of the splits, in their original order, where the settings ask for fewer rows.

    Raises:
        UserError: a sample of the training rows holds only one class.
    """
    limits = {split: settings.max_train_rows if split == "train" else settings.max_dev_rows for split in splits}
    sampled = {
        split: _sample(table, limits[split], digest("sample", settings.sample_seed, name, split))
        for split, table in splits.items()
    }
    if names is not None:
        checks.several_classes(f"{name}, the sample of max_train_rows", sampled["train"]["label"], names)
    return sampled


def _sample(table: pyarrow.Table, limit: int | None, seed: int) -> pyarrow.Table:
    if limit is None or limit >= table.num_rows:
        return table
    chosen = numpy.random.default_rng(seed).choice(table.num_rows, size=limit, replace=False)
    return table.take(pyarrow.array(numpy.sort(chosen)))


def _bring_to_schema(
    task: TaskSpec, file: str, columns: Columns, names: list[str] | None, check_text: TextCheck
) -> pyarrow.Table:
    texts = [check_text(Column(file, name, columns[name])) for name in task.text_columns]
    rows = len(texts[0])
    idx = checks.indices(Column(file, "idx", columns["idx"]) if "idx" in columns else None, rows)
    label_column = Column(file, task.label_column, columns[task.label_column])
    labels = checks.numbers(label_column, task.label_range) if names is None else checks.classes(label_column, names)
    text_b = texts[1] if len(texts) == 2 else pyarrow.nulls(rows, pyarrow.string())
    return pyarrow.table([idx, texts[0], text_b, labels], schema=SCHEMA[task.kind])
