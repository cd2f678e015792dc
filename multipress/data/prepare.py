"""Bring the rows of a task from a source's files to one schema."""

from pathlib import Path

import numpy
import pyarrow

from multipress.core.files import stable_seed
from multipress.data import checks
from multipress.data.column import Column
from multipress.data.folder import read_columns
from multipress.data.settings.rows import RowFormat

SCHEMA = {
    kind: pyarrow.schema(
        [("idx", pyarrow.int64()), ("text_a", pyarrow.string()), ("text_b", pyarrow.string()), ("label", label)]
    )
    for kind, label in (("classification", pyarrow.int64()), ("regression", pyarrow.float64()))
}
"""Columns of a prepared split; text_b is null throughout for a task of single texts."""


def read_source(path: Path, rows: RowFormat, published: bool = False) -> dict[str, Column]:
    """The columns of a task's rows as they stand in a file: texts, label and, where there is one, idx.

    ``published`` says whether the task is one of GLUE's.

    Raises:
        UserError: the file is malformed, or lacks a column.
    """
    return read_columns(path, [*rows.text_columns, rows.label_column], ["idx"], published)


def label_names(rows: RowFormat, train: dict[str, Column]) -> list[str] | None:
    """The label names in the order of their ids, from the training rows unless they are given; None for regression.

    Raises:
        UserError: as ``checks.infer_names``.
    """
    if rows.kind == "regression" or rows.labels is not None:
        return rows.labels
    return checks.infer_names(train[rows.label_column])


def rows_of(source: dict[str, Column], rows: RowFormat, names: list[str] | None, published: bool) -> pyarrow.Table:
    """The rows of a source, in the schema.

    Args:
        source: columns of a file.
        rows: the columns that are meant and what they hold.
        names: label names in the order of their ids; None for regression.
        published: whether the task is one of GLUE's. Then a text of a pair may be empty: two training rows of
            QQP are (https://github.com/huggingface/datasets/issues/277).

    Raises:
        UserError: a value breaks a rule of ``checks``.
    """
    may_be_empty = published and len(rows.text_columns) == 2
    check_text = checks.texts if may_be_empty else checks.visible_texts
    texts = [check_text(source[name]) for name in rows.text_columns]
    count = len(texts[0])
    idx = checks.indices(source.get("idx"), count)
    label_column = source[rows.label_column]
    labels = checks.numbers(label_column, rows.label_range) if names is None else checks.classes(label_column, names)
    text_b = texts[1] if len(texts) == 2 else pyarrow.nulls(count, pyarrow.string())
    return pyarrow.table([idx, texts[0], text_b, labels], schema=SCHEMA[rows.kind])


def sample(table: pyarrow.Table, limit: int | None, *seed: object) -> pyarrow.Table:
    """At most ``limit`` rows (None: all) in their original order, drawn with a seed made of the parts."""
    if limit is None or limit >= table.num_rows:
        return table
    chosen = numpy.random.default_rng(stable_seed("sample", *seed)).choice(table.num_rows, size=limit, replace=False)
    return table.take(pyarrow.array(numpy.sort(chosen)))
