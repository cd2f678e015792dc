"""Predictions as they are published: a file for each task, small, and with nothing of the rows but their numbers.

A row for each model and row of a dev set: ``arch, seed, recipe, split, idx, label, prediction``, labels as ids or, of a
regression, as values. Logits are left out; what tables tell of them, ``ece`` and ``brier``, stands beside, and
``n_labels``. No number is rounded, so that ``multipress.analysis.predictions.stored`` reads the same from both.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from multipress.analysis.predictions.calibration import Calibration
from multipress.analysis.predictions.stored import PUBLISHED, Rows, Run, read_cell, runs_of
from multipress.core.files import replacing

_NAMES = ["arch", "seed", "recipe", "split", "n_labels", "ece", "brier"]
"""Columns in which few values repeat."""

_TYPES = {"idx": (np.int8, np.int16, np.int32), "label": (np.int8, np.float32), "prediction": (np.int8, np.float32)}
"""Narrower types of the other columns, the shortest first."""


def publish_predictions(files: Sequence[Path], folder: Path) -> list[Path]:
    """Write a file for each task into ``predictions`` below a folder; the same bytes for the same predictions.

    Args:
        files: What evaluations stored.
        folder: Where the folder of the written files goes.

    Raises:
        UserError: a file is missing or damaged, or cannot be written.
    """
    runs = runs_of(files)
    written = []
    for task in dict.fromkeys(run.task for run in runs):
        written.append(folder / PUBLISHED / f"{task}.parquet")
        _write(written[-1], [_table(run) for run in runs if run.task == task])
    return written


def _table(run: Run) -> pa.Table:
    """All models of a run, in the order in which they are stored."""
    cell = read_cell([run])
    return pa.concat_tables(pa.table(columns) for columns in _models(run, cell.models))


def _models(run: Run, models: dict[str, dict[int, dict[str, Rows]]]) -> Iterator[dict[str, Any]]:
    for recipe, of_seeds in models.items():
        for split, rows in of_seeds[run.seed].items():
            found = rows.calibration or Calibration(np.nan, np.nan)
            names = (run.arch, run.seed, recipe, split, rows.n_labels, *found)
            alike = {name: pa.repeat(value, len(rows.idx)) for name, value in zip(_NAMES, names, strict=True)}
            yield alike | {"idx": rows.idx, "label": rows.labels, "prediction": rows.predictions}


def _write(file: Path, runs: Sequence[pa.Table]) -> None:
    """Write a row group for each run, in the narrowest types that hold all of the task exactly."""
    narrow = {name: _narrowest([run[name].to_numpy() for run in runs], kinds) for name, kinds in _TYPES.items()}
    names = runs[0].schema
    schema = pa.schema([(name, narrow.get(name, names.field(name).type)) for name in names.names])
    options = {"compression": "zstd", "compression_level": 19, "use_dictionary": _NAMES}
    # Of a regression's values the bytes with the exponent repeat: apart from the others they take a sixth less.
    apart = ["prediction"]
    with (
        replacing(file) as temporary,
        pa.parquet.ParquetWriter(temporary, schema, use_byte_stream_split=apart, **options) as writer,
    ):
        for run in runs:
            writer.write_table(run.cast(schema))


def _narrowest(columns: Sequence[np.ndarray], kinds: Sequence[type]) -> pa.DataType:
    """The first type that holds every value as it is; else their own."""
    for kind in kinds:
        with np.errstate(invalid="ignore", over="ignore"):  # of values that do not fit
            if all(np.array_equal(column.astype(kind).astype(column.dtype), column) for column in columns):
                return pa.from_numpy_dtype(np.dtype(kind))
    return pa.from_numpy_dtype(columns[0].dtype)
