"""The tables of the rule ``compare_predictions``, from the files that evaluations wrote."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field

from multipress.analysis.predictions.changes import changes_of_cell, changes_table
from multipress.analysis.predictions.paired import Resampling
from multipress.analysis.predictions.significance import significance_of_cell, significance_table
from multipress.analysis.predictions.stored import cells, runs_of
from multipress.core.errors import UserError
from multipress.core.settings import Section, Seed


class Comparison(Section):
    """How predictions are compared."""

    metrics: dict[str, str]
    """The primary metric of each task."""
    draws: int = Field(10_000, ge=100, le=1_000_000)
    """Bootstrap draws, for scores that are no means over rows."""
    seed: Seed = 0
    confidence: float = Field(0.95, ge=0.5, le=0.999)
    variants: dict[str, str] = {}
    """The steps that variants in recipes vary."""


def prediction_tables(files: Sequence[Path], settings: Comparison) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Significance and changes, in the order of the files; the models of one (task, arch) are in memory at a time.

    Raises:
        UserError: a file is missing or damaged, its rows are not those of the others of its (task, arch), or nobody
            says its task's metric.
    """
    significance: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    resampling = Resampling(settings.draws, settings.seed)
    runs = runs_of(files)
    if unknown := sorted({run.task for run in runs} - set(settings.metrics)):
        raise UserError(f"the params name no metric of {', '.join(unknown)}; add it to metrics")
    for cell in cells(runs):
        significance += significance_of_cell(cell, settings.metrics[cell.task], resampling, settings.confidence)
        changes += changes_of_cell(cell, settings.variants)
    return significance_table(significance), changes_table(changes)
