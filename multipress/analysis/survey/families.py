"""Models by the family of their compressions, as the survey of Ganesh et al. (2021) lists them: size, speed, loss.

Sizes and speed-ups are against ``ft`` of the same architecture, and so is the change of the score. What others report
of a family stands beside.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment, no_interval, with_note_on_seeds
from multipress.analysis.grid import BASELINE
from multipress.analysis.paper import REFERENCE, read_published
from multipress.analysis.survey.compressed import SPEEDUPS, Compressed
from multipress.analysis.survey_tables import FAMILIES

MEASURED = "these results"
"""The source of rows that are not from elsewhere."""

_PERCENTS = {
    "percent": "paper_mb",
    "percent_no_embeddings": "paper_mb_no_embeddings",
    "file_percent": "packed_mb",
    "file_percent_no_embeddings": "packed_mb_no_embeddings",
    "onnx_percent": "onnx_mb",
}
"""Columns of the table by the size of which they are percent."""

_SURVEY_NUMBERS = ["percent", "percent_no_embeddings", "speedup_gpu", "speedup_cpu", "change"]


def families(compressed: Compressed, with_published: bool = True) -> pd.DataFrame:
    """A row for each architecture and recipe, and for each model of the survey whose family is among them."""
    rows = _measured(compressed)
    single = {row["family"] for row in rows}
    table = pd.DataFrame([*rows, *(_published(single) if with_published else [])], columns=list(FAMILIES.columns))
    order = _family_order(rows)
    found = table.sort_values("family", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    return with_note_on_seeds(compressed.study.grid.n_seeds, found)


def _measured(compressed: Compressed) -> list[dict[str, Any]]:
    study = compressed.study
    baseline = study.grid.baseline

    def changes(scores: np.ndarray) -> np.ndarray:
        return scores - (np.nan if baseline is None else scores[..., baseline, None])

    found = compressed.estimated(changes)
    observed = found.pop("observed")
    return [
        {
            "family": compressed.family(recipe),
            "source": MEASURED,
            "arch": arch,
            "recipe": recipe,
            **{name: 100 / compressed.times_smaller(arch, recipe, size) for name, size in _PERCENTS.items()},
            **{name: compressed.speedup(arch, recipe, name) for name in SPEEDUPS},
            "score": study.scores.observed[row, column],
            "change": observed[row, column],
            **{end: values[row, column] for end, values in found.items()},
            "n_tasks": len(study.grid.tasks),
            "n_seeds": study.grid.n_seeds,
            "note": "" if column == baseline else note(study, row, [column], found["low"][row, column]),
        }
        for row, arch, column, recipe in compressed.models
    ]


def note(study: Experiment, row: int, columns: Sequence[int], low: float) -> str:
    """What these recipes lack at an architecture, or why there is no interval."""
    if study.grid.baseline is None:
        return f"no results of {BASELINE}"
    gaps = [gap for column in [*columns, study.grid.baseline] for gap in study.grid.gaps(row, column)]
    return "; ".join(gaps) or study.undefined(row) or no_interval(study, low)


def _published(wanted: set[str], folder: Path = REFERENCE) -> list[dict[str, Any]]:
    """The survey's models of these families."""
    text = ["family", "source", "checked"]
    table = read_published(folder / "survey.csv", [*text, *_SURVEY_NUMBERS], text)
    return [
        {name: model[name] for name in ("family", "source", *_SURVEY_NUMBERS)}
        | {"arch": "", "recipe": "", "note": "" if model["checked"] == "yes" else "quoted at second hand"}
        for model in table[table["family"].isin(wanted)].to_dict("records")
    ]


def _family_order(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Single families in the order of recipes, compounds after them."""
    names = list(dict.fromkeys(row["family"] for row in rows))
    return {name: rank for rank, name in enumerate(sorted(names, key=lambda name: name.count(" + ")))}
