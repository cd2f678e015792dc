"""Texts from a table: a column of them, or two of pairs, and perhaps a column of labels."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.core.extras import needing
from multipress.deployment.text_reader import Text

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")
"""Files that are read so."""


def read_table(path: Path, text: Sequence[str], label: str | None) -> tuple[list[Text], list[Any]]:
    """The texts of all rows, and their labels as they stand there; no labels where none are asked for.

    Raises:
        UserError: the file is missing, malformed or of another kind, or lacks a column, or a label is missing.
    """
    if path.suffix not in SUFFIXES:
        raise UserError(f"input {path}: --text names a column of a {', '.join(SUFFIXES)} file: save it as one of them")
    if not path.is_file():
        raise UserError(f"input {path} is no file: correct its path")
    with needing("torch"):
        from multipress.data.folder import read_columns
    columns = read_columns(path, [*text, *([label] if label else [])])
    texts = [columns[name].values.to_pylist() for name in text]
    labels = columns[label].values.to_pylist() if label else []
    if None in labels:
        raise UserError(f"input {path}, row {labels.index(None) + 1}: no {label}; fill it in, or leave --label out")
    return list(texts[0] if len(texts) == 1 else zip(*texts, strict=True)), labels


def windows(texts: Sequence[Text], source: str, size: int, fault: Callable[[Text], str | None]) -> Iterator[list[Text]]:
    """The texts, ``size`` at a time; those before a bad one come before its error.

    Raises:
        UserError: the model cannot read a text.
    """
    for first in range(0, len(texts), size):
        window = list(texts[first : first + size])
        for place, text in enumerate(window):
            if found := fault(text):
                yield window[:place]
                raise UserError(f"{source}, row {first + place + 1}: {found}")
        yield window


def check_labels(labels: Sequence[Any], names: Sequence[str], source: str) -> None:
    """Look whether the labels of all rows are a model's; of a model that answers with numbers, ``names`` is empty.

    Raises:
        UserError: one is not.
    """
    for row, label in enumerate(labels if names else (), start=1):
        if str(label) not in names:
            raise UserError(
                f"input {source}, row {row}: {str(label)!r} is no label of the model: write its labels "
                f"({', '.join(names)}), name another column, or leave --label out"
            )


@dataclass
class Comparison:
    """Answers beside labels."""

    labels: Sequence[Any]
    """Of all rows; none where nothing is compared."""
    _answers: list[str | float] = field(default_factory=list)

    def add(self, answers: Sequence[str | float]) -> None:
        """Take further answers, in the order of the rows."""
        self._answers += answers

    def summary(self) -> str:
        """How many agree, or how far numbers are off; empty where nothing is compared.

        Raises:
            UserError: the model answers with numbers, and a label is none.
        """
        if not self.labels:
            return ""
        rows = len(self.labels)
        if all(isinstance(answer, str) for answer in self._answers):
            right = sum(str(label) == answer for label, answer in zip(self.labels, self._answers, strict=True))
            return f"{right:,} of {rows:,} answers are the label: accuracy {100 * right / rows:.1f}"
        try:
            off = [abs(float(label) - float(answer)) for label, answer in zip(self.labels, self._answers, strict=True)]
        except ValueError as error:
            raise UserError(
                f"the model answers with numbers, and a label is none ({error}): name another column"
            ) from None
        return f"{rows:,} answers are off by {sum(off) / rows:.3g} on average"
