"""Bring the rows of a task from a source's files to one schema."""

from pathlib import Path

import numpy
import pyarrow

from multipress.core.files import stable_seed
from multipress.data import checks
from multipress.data.checks import Column
from multipress.data.folder import read_columns
from multipress.data.settings.rows import RowFormat

SCHEMA = {
    kind: pyarrow.schema(
        [("idx", pyarrow.int64()), ("text_a", pyarrow.string()), ("text_b", pyarrow.string()), ("label", label)]
    )
    for kind, label in (("classification", pyarrow.int64()), ("regression", pyarrow.float64()))
}
"""Columns of a prepared split; text_b is null throughout for a task of single texts."""


def label_names(rows: RowFormat, train: Path) -> list[str] | None:
    """The label names in the order of their ids, from the training rows unless they are given; None for regression.

    Raises:
        UserError: the file is malformed, or a label is missing.
    """
    if rows.kind == "regression" or rows.labels is not None:
        return rows.labels
    return checks.infer_names(Column(str(train), rows.label_column, _labels(rows, train)))


def _labels(rows: RowFormat, path: Path) -> pyarrow.Array:
    return read_columns(path, [rows.label_column])[rows.label_column]


def read_split(path: Path, rows: RowFormat, names: list[str] | None, published: bool = False) -> pyarrow.Table:
    """The rows of a file, in the schema.

    Args:
        path: Parquet, CSV, TSV or JSONL.
        rows: the columns that are read and what they hold.
        names: label names in the order of their ids; None for regression.
        published: whether the file is as GLUE was published. Then a text of a pair may be empty: two training rows of
            QQP are (https://github.com/huggingface/datasets/issues/277).

    Raises:
        UserError: the file is malformed, or a value breaks a rule of ``checks``.
    """
    columns = read_columns(path, [*rows.text_columns, rows.label_column], ["idx"])
    may_be_empty = published and len(rows.text_columns) == 2
    check_text = checks.texts if may_be_empty else checks.visible_texts
    texts = [check_text(Column(str(path), name, columns[name])) for name in rows.text_columns]
    count = len(texts[0])
    idx = checks.indices(Column(str(path), "idx", columns["idx"]) if "idx" in columns else None, count)
    label_column = Column(str(path), rows.label_column, columns[rows.label_column])
    labels = checks.numbers(label_column, rows.label_range) if names is None else checks.classes(label_column, names)
    text_b = texts[1] if len(texts) == 2 else pyarrow.nulls(count, pyarrow.string())
    return pyarrow.table([idx, texts[0], text_b, labels], schema=SCHEMA[rows.kind])


def sample(table: pyarrow.Table, limit: int | None, *seed: object) -> pyarrow.Table:
    """At most ``limit`` rows (None: all) in their original order, drawn with a seed made of the parts."""
    if limit is None or limit >= table.num_rows:
        return table
    chosen = numpy.random.default_rng(stable_seed("sample", *seed)).choice(table.num_rows, size=limit, replace=False)
    return table.take(pyarrow.array(numpy.sort(chosen)))
