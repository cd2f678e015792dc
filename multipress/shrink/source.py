"""Read one file of labelled texts: which rows can be used, what kind of labels they have, what is left out."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow
import pyarrow.compute as pc

from multipress.core.errors import UserError
from multipress.core.words import counted, some
from multipress.data import checks
from multipress.data.column import Column
from multipress.data.folder import read_columns
from multipress.data.names import BLANKS, normal_label, normal_name

Kind = Literal["classification", "regression"]

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")

FEWEST_ROWS = 50
"""With fewer, each of three parts would be a handful of rows."""

MOST_CLASSES_OF_NUMBERS = 20
"""More different whole numbers are taken for quantities, not for classes."""

ROWS_OF_A_CLASS = 5
"""Different texts that a class needs, for some of them to lie in each of three parts."""

FEWEST_ROWS_PER_CLASS = 10
"""On average; with fewer, the column holds something else than classes."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class Rows:
    """Rows that can be trained on or judged by."""

    texts: list[pyarrow.Array]
    """One array of strings, or the two of pairs."""
    labels: np.ndarray
    """Class ids (int64) or numbers (float64), shape (rows,)."""
    names: list[str] | None
    """Class names in the order of their ids; None for regression."""
    numbers: np.ndarray
    """For each row its number in the file, from 0."""

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.labels)

    @property
    def kind(self) -> Kind:
        """What is predicted."""
        return "regression" if self.names is None else "classification"

    @property
    def keys(self) -> pyarrow.Array:
        """For each row its texts, equal where nobody would see a difference: blanks around it, composed letters."""
        bare = [_bare(texts) for texts in self.texts]
        between = pyarrow.scalar("\0", pyarrow.large_string())
        return bare[0] if len(bare) == 1 else pc.binary_join_element_wise(*bare, between)

    def take(self, chosen: np.ndarray) -> "Rows":
        """Some rows, by their positions."""
        indices = pyarrow.array(chosen)
        return Rows(
            [texts.take(indices) for texts in self.texts], self.labels[chosen], self.names, self.numbers[chosen]
        )

    def words(self) -> np.ndarray:
        """Length of each row in words, both texts of a pair together."""
        counts = [pc.list_value_length(pc.utf8_split_whitespace(pc.utf8_trim(texts, BLANKS))) for texts in self.texts]
        return np.sum([count.to_numpy() for count in counts], axis=0)


@dataclass
class Source:
    """What was read from a file."""

    rows: Rows
    remarks: list[str] = field(default_factory=list)
    """What was left out or decided, a line each."""


def joined(several: Sequence[Rows]) -> Rows:
    """Rows of the same classes, one after the other."""
    texts = [pyarrow.concat_arrays(columns) for columns in zip(*(rows.texts for rows in several), strict=True)]
    labels, numbers = (np.concatenate([getattr(rows, name) for rows in several]) for name in ("labels", "numbers"))
    return Rows(texts, labels, several[0].names, numbers)


def read(
    path: Path,
    text: Sequence[str],
    label: str,
    kind: Kind | None = None,
    names: Sequence[str] | None = None,
    positive: str | None = None,
) -> Source:
    """The usable rows of a file.

    Args:
        path: A CSV, TSV, JSONL or Parquet file.
        text: The column of texts, or the two of pairs.
        label: The column of labels.
        kind: What is predicted; None: as the labels look.
        names: Class names that are known; None: those of the file.
        positive: The label of two whose F1 counts, which comes second; None: the second in sorted order.

    Raises:
        UserError: the file cannot be read, lacks a column, has too few rows or labels to learn from, or no two labels
            of which one is ``positive``.
    """
    columns = _columns(path, text, label)
    kept, remarks = _usable(path, columns, text, label)
    columns = {name: _taken(column, kept) for name, column in columns.items()}
    kind = kind or ("classification" if names is not None else _kind(columns[label], remarks))
    values = columns[label]
    if kind == "regression":
        if positive is not None:
            raise UserError(
                f"--positive {positive} is for two classes, and {label} of {path} has numbers: leave it out"
            )
        labels, known = checks.numbers(values, None).to_numpy(), None
    else:
        known = list(names) if names is not None else _names(values)
        known = known if positive is None else _with_second(positive, known, path, label)
        labels = checks.classes(values, known).to_numpy()
    rows = Rows([checks.visible_texts(columns[name]) for name in text], labels, known, kept)
    return Source(rows, remarks)


def _columns(path: Path, text: Sequence[str], label: str) -> dict[str, Column]:
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"{path}: rows are read from {', '.join(SUFFIXES)} files: save it as one of them")
    if not path.is_file():
        raise UserError(f"{path} is no file: correct its path")
    if path.suffix not in SUFFIXES:
        raise UserError(f"{path}: write its ending in small letters")
    if len(set(map(normal_name, [*text, label]))) <= len(text):
        raise UserError(f"--text {' '.join(text)} and --label {label} name a column twice: name different ones")
    return read_columns(path, [*text, label])


def _usable(path: Path, columns: dict[str, Column], text: Sequence[str], label: str) -> tuple[np.ndarray, list[str]]:
    """Positions of the rows that have all texts and a label, and what is to be said of the others."""
    faults = {f"no {name}": _blank(columns[name]) for name in [*text, label]}
    for name in text:
        if pyarrow.types.is_string(columns[name].values.type):
            faults[f"a NUL character in {name}"] = _true(pc.match_substring(columns[name].values, "\0"))
    left_out = np.any(list(faults.values()), axis=0)
    counts = {what: int(bad.sum()) for what, bad in faults.items()}
    remarks = [f"{counted(count, 'row')} with {what}: left out" for what, count in counts.items() if count]
    kept = np.flatnonzero(~left_out)
    if len(kept) < FEWEST_ROWS:
        raise UserError(
            f"{path} has {len(kept)} rows with text and label: too few to learn and to judge by; "
            f"{FEWEST_ROWS} are the least, some thousands are good"
        )
    return kept, remarks


def _blank(column: Column) -> np.ndarray:
    """Which rows have nothing there."""
    values = column.values
    missing = pc.is_null(values, nan_is_null=True)
    if pyarrow.types.is_string(values.type):
        missing = pc.or_kleene(missing, pc.equal(pc.utf8_trim(values, BLANKS), ""))
    return _true(missing)


def _true(values: pyarrow.Array) -> np.ndarray:
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False)


def _taken(column: Column, kept: np.ndarray) -> Column:
    """Some rows of a column; their places are those in the file."""
    return Column(
        column.file, column.name, column.values.take(pyarrow.array(kept)), lambda row: column.place(int(kept[row]))
    )


def _kind(column: Column, remarks: list[str]) -> Kind:
    """What the labels look like.

    Raises:
        UserError: some are words, others numbers.
    """
    distinct = pc.unique(column.values).to_pylist()
    numbers = [_as_number(value) for value in distinct]
    words = [value for value, number in zip(distinct, numbers, strict=True) if number is None]
    if words and len(words) < len(distinct):
        number = next(value for value, number in zip(distinct, numbers, strict=True) if number is not None)
        row = pc.index(column.values, pyarrow.scalar(words[0], column.values.type)).as_py()
        raise column.refuse(
            row, f"label {words[0]!r} is a word, and {number!r} of other rows a number", "use one of both"
        )
    if words:
        return "classification"
    if any(number != int(number) for number in numbers if number is not None):
        remarks.append(
            f"labels of {column.name} are numbers with fractions: a number is predicted (regression); for classes "
            "write words or whole numbers"
        )
        return "regression"
    if len(distinct) > MOST_CLASSES_OF_NUMBERS:
        remarks.append(
            f"labels of {column.name} are {len(distinct):,} different numbers: a number is predicted (regression); "
            "for as many classes: --kind classification"
        )
        return "regression"
    return "classification"


def _as_number(value: Any) -> float | None:
    """The finite number that a label is; None for words and truth values."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        name = normal_name(value)
        value = float(name) if _NUMBER.fullmatch(name) else math.nan
    number = float(value)
    return number if math.isfinite(number) else None


def _names(column: Column) -> list[str]:
    """The class names of a file.

    Raises:
        UserError: there is one class, or nearly as many as rows.
    """
    names, rows = checks.infer_names(column), len(column.values)
    if len(names) < 2:
        raise UserError(
            f"{column.file}: all {rows:,} rows have the label {names[0]!r} in {column.name}; two are needed"
        )
    if rows < FEWEST_ROWS_PER_CLASS * len(names):
        raise UserError(
            f"{column.file}: {column.name} has {len(names):,} different labels in {rows:,} rows, which looks like "
            f"names or numbers of rows: name a column of classes (--label) of {FEWEST_ROWS_PER_CLASS} rows or more"
        )
    return names


def _with_second(positive: str, names: list[str], path: Path, label: str) -> list[str]:
    """Two class names, that of the positive class last."""
    name = normal_label(positive)
    if len(names) != 2 or name not in names:
        raise UserError(
            f"--positive {positive} is one of two labels; {label} of {path} has {some(names, most=8)}: "
            + ("name one of them" if len(names) == 2 else "leave it out, F1 is the mean over all of them")
        )
    return [other for other in names if other != name] + [name]


def _bare(values: pyarrow.Array) -> pyarrow.Array:
    large = values.cast(pyarrow.large_string())
    return pc.utf8_trim(pc.utf8_normalize(large, form="NFC"), BLANKS)
