"""What is published of a run: a folder of a few megabytes from which all its tables and figures can be remade.

| file | what | from |
|---|---|---|
| `tables/results.csv` | a row for each model | the run |
| `tables/latency.csv`, … | tables of the parts of its report that not every study has (`contents.PARTS`) | the run |
| `predictions/{task}.parquet` | gold and predicted label, or value, of each dev row and model | `evaluations/` |
| `histories.csv.gz` | losses and dev scores of the trainings that figures show | `history/` |
| `settings.json` | settings of the rules that make tables and figures | the record |
| `tables/*.csv`, `metrics.json` | all that follows from these: `workflow_scripts.remake` makes it anew | the run |
| `configuration.yaml` | the configuration as merged; `snakemake --configfile` of that code takes it | the record |
| `environment.json` | when, where and with which code it was recorded; results.csv says what trained | the record |
| `audit.json.gz` | the record: bytes, settings and code of every file of the run | `audit.json` |

No text of any row is among them. Of runs that were pooled (``pooling.py``) the record and the environment are lists.
"""

import csv
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multipress.analysis.predictions import stored
from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.evaluation import training_histories
from multipress.evaluation.results_table import read_table
from multipress.evaluation.tables import RESULTS
from multipress.reporting.contents import PARTS

SETTINGS, CONFIGURATION, ENVIRONMENT = "settings.json", "configuration.yaml", "environment.json"
RECORD, METRICS = "audit.json.gz", "metrics.json"

_MAKER = "the command publish"

_RELATIVE, _ABSOLUTE = 1e-4, 1e-5
"""Numbers of two machines, whose last bits differ, may differ that far: tables show six decimals."""


@dataclass(frozen=True)
class Publication:
    """A published run."""

    folder: Path

    def settings(self, rule: str) -> dict[str, Any]:
        """The settings of a rule's job as the run had them; none of a rule that the run did not know.

        They are not made of the configuration anew: with other code it may not be valid any more.

        Raises:
            UserError: the folder is no published run.
        """
        file = self.folder / SETTINGS
        if not file.is_file():
            raise UserError(f"{file} is missing: {self.folder} is no published run; workflow_scripts.publish makes one")
        rules = read_json(file)
        if not isinstance(rules, dict) or not all(isinstance(settings, dict) for settings in rules.values()):
            raise UserError(f"{file} holds no settings by rule: restore it, or publish the run again")
        found: dict[str, Any] = rules.get(rule, {})
        return found

    @property
    def tables(self) -> Path:
        """The folder of its tables."""
        return self.folder / "tables"

    @property
    def results(self) -> Path:
        """A row for each model."""
        return self.tables / RESULTS.file

    def measured(self, part: str) -> list[Path]:
        """The tables from which all else in a part of the report follows; no such files where the study lacks it."""
        return [self.tables / table.file for table in PARTS[part].measured]

    @property
    def parts(self) -> list[str]:
        """The parts of the report that the study has."""
        return [part for part in PARTS if any(file.exists() for file in self.measured(part))]

    @property
    def predictions(self) -> list[Path]:
        """A file for each task, in the order in which tables have them.

        Raises:
            UserError: results.csv, which says that order, is missing or no table.
        """
        tasks = read_table(self.results, ["task"], maker=_MAKER)["task"].unique()
        return [self.folder / stored.PUBLISHED / f"{task}.parquet" for task in tasks]

    @property
    def histories(self) -> Path:
        """The rows of trainings' histories."""
        return self.folder / training_histories.PUBLISHED


def differing_tables(published: Path, remade: Path) -> Iterator[str]:
    """Where tables and metrics of two folders differ, by more than other machines' last bits, a text each."""
    names = sorted({file.relative_to(folder) for folder in (published, remade) for file in _tables_in(folder)})
    for name in names:
        files = published / name, remade / name
        if not all(file.is_file() for file in files):
            yield f"{name} is missing in {next(file for file in files if not file.is_file()).parent}"
        elif place := next(_differing_cells(*files), None):
            yield f"{name}, {place}"


def _tables_in(folder: Path) -> list[Path]:
    return [*(folder / "tables").glob("*.csv"), *folder.glob(METRICS)]


def _differing_cells(file: Path, other: Path) -> Iterator[str]:
    none: list[str] = []
    for number, (row, theirs) in enumerate(itertools.zip_longest(_rows(file), _rows(other), fillvalue=none), 1):
        for cell, remade in itertools.zip_longest(row, theirs, fillvalue="nothing"):
            if not _is_same(cell, remade):
                yield f"line {number}: {cell} and {remade}"


def _rows(file: Path) -> list[list[str]]:
    """Cells of a CSV file; of metrics.json, name and number of each line."""
    with file.open(encoding="utf-8", newline="") as stream:
        if file.name == METRICS:
            return [line.strip().rstrip(",").rsplit(": ", 1) for line in stream]
        return list(csv.reader(stream))


def _is_same(cell: str, other: str) -> bool:
    if cell == other:
        return True
    try:
        return math.isclose(float(cell), float(other), rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    except ValueError:
        return False
