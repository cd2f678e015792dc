"""Divide rows into train, dev and test; equal texts lie in one part, and the same rows always in the same."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.compute as pc
import pyarrow.parquet

from multipress.core.errors import UserError
from multipress.core.files import replacing, stable_seed
from multipress.core.words import counted, some
from multipress.shrink.source import ROWS_OF_A_CLASS, Rows, Source

SHARE = 0.15
"""Of the rows, for the dev set and for the test part each."""

MOST = 10_000
"""Rows of either: more would cost minutes for each model, and half a point is told apart by fewer."""

MOST_ROWS = 500_000
"""Rows of a file that are used: more cost days on one machine, and a model is hardly better for them."""

TEXT_COLUMNS = ("text_a", "text_b")

_SEED = 0
_STRATA = 5
"""Ranges of a number that are divided each for itself."""


@dataclass(frozen=True)
class Parts:
    """Three sets of rows without a text in common."""

    train: Rows
    dev: Rows
    test: Rows
    """Nothing is ever chosen on it."""
    remarks: list[str]
    """What was left out, a line each."""

    def named(self) -> dict[str, Rows]:
        """The parts by the names of their files."""
        return {"train": self.train, "validation": self.dev, "test": self.test}


def divide(source: Source, dev: Source | None = None) -> Parts:
    """Train, dev and test; of a file alone, or train and test of it where there is a dev set.

    Raises:
        UserError: there is one text or one class, or a dev set has all texts.
    """
    remarks = [*source.remarks]
    rows = _sampled(source.rows, remarks)
    if dev is not None:
        remarks += [f"dev file: {line}" for line in dev.remarks]
        rows = _without_shared(rows, dev.rows, remarks)
    distinct = pc.count_distinct(rows.keys).as_py()
    if distinct < ROWS_OF_A_CLASS:
        texts = counted(distinct, "different text")
        raise UserError(f"the {len(rows):,} rows have {texts}: there is nothing to learn from them")
    rows = _without_rare(rows, remarks)
    codes, ranks = _groups(rows.keys)
    shares = (SHARE, SHARE) if dev is None else (SHARE, 0.0)
    part = _part_of_groups(_strata(rows, codes), ranks, shares)[codes]
    test, own_dev, train = (rows.take(np.flatnonzero(part == number)) for number in (0, 1, 2))
    chosen_dev = own_dev if dev is None else _known_classes(dev.rows, rows, remarks)
    return Parts(train, chosen_dev, test, remarks)


def _sampled(rows: Rows, remarks: list[str]) -> Rows:
    if len(rows) <= MOST_ROWS:
        return rows
    chosen = np.random.default_rng(stable_seed("shrink", _SEED)).choice(len(rows), size=MOST_ROWS, replace=False)
    remarks.append(f"of {len(rows):,} rows a sample of {MOST_ROWS:,} is used")
    return rows.take(np.sort(chosen))


def _without_shared(rows: Rows, dev: Rows, remarks: list[str]) -> Rows:
    """Rows whose texts are not in the dev set."""
    shared = pc.is_in(rows.keys, value_set=dev.keys).to_numpy(zero_copy_only=False)
    if shared.all():
        raise UserError("all texts are also in the dev file: give it other rows")
    if count := int(shared.sum()):
        remarks.append(f"{counted(count, 'row')} with a text of the dev file: left out")
    return rows.take(np.flatnonzero(~shared))


def _without_rare(rows: Rows, remarks: list[str]) -> Rows:
    """Rows of classes that have enough different texts, with ids of these classes alone.

    Raises:
        UserError: fewer than two classes are left.
    """
    if rows.names is None:
        if np.ptp(rows.labels) == 0:
            raise UserError(f"all {len(rows):,} rows have the label {rows.labels[0]:g}; two are needed")
        return rows
    codes, _ = _groups(rows.keys)
    pairs = np.unique(np.stack([rows.labels, codes]), axis=1)
    counts = np.bincount(pairs[0], minlength=len(rows.names))
    common = np.flatnonzero(counts >= ROWS_OF_A_CLASS)
    if len(common) < 2:
        raise UserError(f"fewer than two classes have {ROWS_OF_A_CLASS} different texts or more: add rows")
    if len(common) == len(rows.names):
        return rows
    rare = [name for name, count in zip(rows.names, counts, strict=True) if count < ROWS_OF_A_CLASS]
    kept = rows.take(np.flatnonzero(np.isin(rows.labels, common)))
    remarks.append(
        f"{counted(len(rare), 'class', 'classes')} with fewer than {ROWS_OF_A_CLASS} different texts ({some(rare)}): "
        f"{counted(len(rows) - len(kept), 'row')} left out"
    )
    labels = np.searchsorted(common, kept.labels)
    return Rows(kept.texts, labels, [rows.names[label] for label in common], kept.numbers)


def _known_classes(dev: Rows, rows: Rows, remarks: list[str]) -> Rows:
    """Rows of a dev set whose classes are trained on."""
    if dev.names is None or rows.names is None or dev.names == rows.names:
        return dev
    ids = np.array([rows.names.index(name) if name in rows.names else -1 for name in dev.names])[dev.labels]
    known = np.flatnonzero(ids >= 0)
    if len(known) < len(dev):
        remarks.append(
            f"dev file: {counted(len(dev) - len(known), 'row')} of other classes than are trained on: left out"
        )
    kept = dev.take(known)
    return Rows(kept.texts, ids[known], rows.names, kept.numbers)


def _groups(keys: pyarrow.Array) -> tuple[np.ndarray, np.ndarray]:
    """For each row the number of its text, and for each text a number that looks random and depends on it alone."""
    encoded = keys.dictionary_encode()
    ranks = [stable_seed("shrink", _SEED, text) for text in encoded.dictionary.to_pylist()]
    return encoded.indices.to_numpy(), np.array(ranks, np.uint64)


def _strata(rows: Rows, codes: np.ndarray) -> np.ndarray:
    """For each text the class of its first row, or the range of its number."""
    first = np.unique(codes, return_index=True)[1]
    if rows.names is not None:
        return rows.labels[first]
    edges = np.quantile(rows.labels, np.linspace(0, 1, _STRATA + 1)[1:-1])
    return np.searchsorted(edges, rows.labels[first])


def _part_of_groups(strata: np.ndarray, ranks: np.ndarray, shares: tuple[float, float]) -> np.ndarray:
    """0 (test), 1 (dev) or 2 (train) for each text: of each stratum the same shares, but one text at least."""
    limit = MOST / len(strata)
    parts = np.full(len(strata), 2)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        ordered = members[np.argsort(ranks[members], kind="stable")]
        begin = 0
        for part, share in enumerate(shares):
            count = max(1, round(min(share, limit) * len(ordered))) if share else 0
            parts[ordered[begin : begin + count]] = part
            begin += count
    return parts


def write(parts: Parts, folder: Path) -> None:
    """Write train, validation and test as Parquet, by the names that the folder source of a task looks for.

    Columns: idx (the row's number in its file, from 0), text_a, text_b of pairs, and label, as its class is called.
    """
    for name, rows in parts.named().items():
        columns = dict(zip(TEXT_COLUMNS, rows.texts, strict=False))
        labels = rows.labels if rows.names is None else [rows.names[label] for label in rows.labels]
        table = pyarrow.table({"idx": rows.numbers} | columns | {"label": labels})
        with replacing(folder / f"{name}.parquet") as temporary:
            pyarrow.parquet.write_table(table, temporary)
