"""The tables on the disk against those made anew from the stored predictions."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.workflow.provenance.findings import Check, Difference
from multipress.workflow.provenance.recompute import rescore, retabulate
from multipress.workflow.provenance.record import Record

_SHOWN = 10
"""Differences of one table that are listed."""


def check_tables(record: Record) -> Check:
    """Whether each row of each table follows from the stored predictions.

    Raises:
        UserError: a file that goes into a table is missing or damaged.
    """
    scored, differences = {}, []
    for job in record.jobs:
        if job.rule == "evaluate":
            scored[job.outputs[0]], found = rescore(job)
            differences += found
    rows = 0
    with TemporaryDirectory() as folder:
        for file, fresh in retabulate(record, scored, Path(folder)).items():
            differences += _shortened(file, list(_differing(file, fresh)))
            rows += len(_read(fresh))
    return Check("tables", f"{rows} rows follow from the stored predictions", differences)


def _shortened(file: str, differences: list[Difference]) -> list[Difference]:
    rest = len(differences) - _SHOWN
    more = [Difference(file, "the same", f"{rest} more differences")] if rest > 0 else []
    return [*differences[:_SHOWN], *more]


def _differing(file: str, fresh: Path) -> Iterator[Difference]:
    if not Path(file).is_file():
        yield Difference(file, "a table", "no file")
        return
    try:
        expected, found = _read(fresh), _read(Path(file))
    except (csv.Error, UnicodeDecodeError, UserError):
        yield Difference(file, "a table", "something that cannot be read")
        return
    for location, cell, other in _unlike(expected, found):
        yield Difference(f"{file}: {location}", cell, other)


def _read(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column, or the numbers of a JSON file as rows of one cell."""
    if path.suffix == ".json":
        return [
            {"": name, group: str(number)} for group, kind in read_json(path).items() for name, number in kind.items()
        ]
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, restkey="beyond the last column"))


def _unlike(expected: list[dict[str, str]], found: list[dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Location, expected and found cell of each difference."""
    for number, (row, other) in enumerate(itertools.zip_longest(expected, found), 1):
        if row is None or other is None:
            name = _name(row or other or {}, number)
            yield name, "no row" if row is None else "a row", "no row" if other is None else "a row"
        elif row != other:
            for column in dict.fromkeys([*row, *other]):
                if row.get(column) != other.get(column):
                    yield f"{_name(row, number)}, column {column}", str(row.get(column)), str(other.get(column))


def _name(row: dict[str, str], number: int) -> str:
    """The row's leading cells, up to the first number with decimals."""
    leading = itertools.takewhile(lambda cell: not _is_fraction(cell), [str(cell) for cell in row.values()][:4])
    return f"row {number} ({'/'.join(leading)})"


def _is_fraction(cell: str) -> bool:
    return "." in cell and cell.replace(".", "", 1).replace("-", "", 1).isdigit()
