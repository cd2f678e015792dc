"""Samples of files that are too long to be read as a whole: a line or row of each so many, drawn with a fixed seed."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet

from multipress.core.errors import UserError
from multipress.core.files import replacing, stable_seed
from multipress.data.delimited import CSV

LONG = 1_000_000
"""Lines or rows from which on a file is sampled first: all at once they would fill some gigabytes of memory."""

_CHUNK = 1 << 24
_BATCH = 100_000


def shortened(path: Path, folder: Path, most: int, long: int = LONG) -> tuple[Path, str]:
    """The file itself, or a sample of about ``most`` rows that was written to ``folder``; and what is to be said of it.

    Args:
        path: A file of one of the formats that rows are read from.
        folder: For the sample.
        most: Rows of the sample.
        long: Lines or rows up to which a file is taken as it is.

    Raises:
        UserError: the file cannot be read or the sample not be written.
    """
    try:
        count = _rows(path)
        if count <= long:
            return path, ""
        sample = folder / f"sample{path.suffix}"
        with replacing(sample) as temporary:
            _write(path, temporary, min(1.0, most / count))
    except (OSError, pyarrow.ArrowException, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read ({' '.join(str(error).split())}); save it again") from None
    return sample, f"{path.name} has {count:,} lines or rows: a random sample of about {most:,} is used ({sample})"


def _rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pyarrow.parquet.ParquetFile(path).metadata.num_rows)
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))


def _write(path: Path, sample: Path, share: float) -> None:
    if path.suffix == ".parquet":
        _write_parquet(path, sample, share)
    elif path.suffix == ".csv":
        _write_csv(path, sample, _draws(share))
    else:
        with path.open("rb") as source, sample.open("wb") as target:
            if path.suffix == ".tsv":
                target.write(next(source))
            draws = _draws(share)
            target.writelines(line for line in source if line.strip() and next(draws))


def _write_csv(path: Path, sample: Path, draws: Iterator[bool]) -> None:
    """A row may have several lines, so rows are parsed."""
    with (
        path.open(encoding="utf-8-sig", newline="") as source,
        sample.open("w", encoding="utf-8", newline="") as target,
    ):
        writer, rows = csv.writer(target, lineterminator="\n"), CSV.reader(source)
        writer.writerow(next(rows))
        writer.writerows(row for row in rows if row and next(draws))


def _write_parquet(path: Path, sample: Path, share: float) -> None:
    generator = _generator()
    with pyarrow.parquet.ParquetFile(path) as file, pyarrow.parquet.ParquetWriter(sample, file.schema_arrow) as writer:
        for batch in file.iter_batches(_BATCH):
            writer.write_batch(batch.filter(pyarrow.array(generator.random(batch.num_rows) < share)))


def _draws(share: float) -> Iterator[bool]:
    generator = _generator()
    while True:
        yield from (generator.random(_BATCH) < share).tolist()


def _generator() -> np.random.Generator:
    return np.random.default_rng(stable_seed("shrink", "sample"))
