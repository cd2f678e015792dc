"""Every table of the analysis, computed in memory from the results."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from multipress.analysis.claims import claims
from multipress.analysis.comparison import comparison
from multipress.analysis.curve_verdicts import with_verdicts
from multipress.analysis.effects import effects
from multipress.analysis.effects_matched import effects_matched, with_controls
from multipress.analysis.experiment import Experiment
from multipress.analysis.flags import flags
from multipress.analysis.glue_scores import with_glue_scores
from multipress.analysis.grid import grid
from multipress.analysis.interaction import interaction
from multipress.analysis.interaction_curve import interaction_curve, of_tasks
from multipress.analysis.paper import REFERENCE, read_paper
from multipress.analysis.pareto import pareto
from multipress.analysis.ranking import ranking
from multipress.analysis.ranking_size import ranking_size
from multipress.analysis.scaling import scaling
from multipress.analysis.score_losses import interaction_score
from multipress.analysis.selection import select
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.table1 import per_task, table1
from multipress.analysis.tables import (
    BY_SIZE,
    CLAIMS,
    EFFECTS,
    EFFECTS_MATCHED,
    FLAGS,
    INTERACTION,
    INTERACTION_CURVE,
    INTERACTION_CURVE_PER_TASK,
    INTERACTION_SCORE,
    PAPER_COMPARISON,
    PARETO,
    RANKING,
    RANKING_SIZE,
    SCALING,
    SIZES,
    TABLE1,
    TABLE1_PER_TASK,
)
from multipress.data.glue import GLUE

SYNTHETIC = "synthetic"
"""What the column ``data`` says of a task that is made up."""


def all_tables(
    results: pd.DataFrame,
    settings: AnalyzeSettings,
    baselines: Collection[str] = (),
    architectures: Collection[str] | None = None,
    synthetic: bool = False,
    reference: Path = REFERENCE,
) -> dict[str, pd.DataFrame]:
    """The frames of ``multipress.analysis.tables.TABLES`` by name; Table 1 by another size only where models have it.

    Args:
        results: The table that ``read_results`` makes.
        settings: The score, tolerances, budgets in points and MB, draws.
        baselines: Recipes that are no part of the designed experiment.
        architectures: Those to compare; None: all in the results.
        synthetic: Whether any task is made up, as the results' column ``data`` may say, too: then nothing is held to
            the paper's numbers.
        reference: Folder of the paper's numbers.

    Raises:
        UserError: nothing is left to analyze, an architecture is not there, a metric that the score is made of is
            missing, or the paper's numbers are.
    """
    designed = select(results, baselines, architectures)
    found = flags(Experiment.of(designed, settings), designed)
    if settings.score == "glue":
        designed = with_glue_scores(designed)
    study, paper = Experiment.of(designed, settings), read_paper(reference)
    synthetic = synthetic or ("data" in designed and bool((designed["data"] == SYNTHETIC).any()))
    return {
        TABLE1.name: table1(study),
        TABLE1_PER_TASK.name: per_task(study),
        INTERACTION.name: interaction(study),
        INTERACTION_SCORE.name: interaction_score(study),
        EFFECTS.name: effects(study),
        EFFECTS_MATCHED.name: _matched(results, study.grid.recipes, settings, architectures),
        SCALING.name: scaling(study),
        RANKING.name: ranking(study),
        RANKING_SIZE.name: ranking_size(study),
        PARETO.name: pareto(study),
        CLAIMS.name: claims(study, paper, synthetic),
        PAPER_COMPARISON.name: comparison(study, paper, synthetic, _other_metrics(designed)),
        FLAGS.name: found,
        **_curves(designed, settings),
        **_other_sizes(designed, settings),
    }


def _matched(
    results: pd.DataFrame, designed: list[str], settings: AnalyzeSettings, archs: Collection[str] | None
) -> pd.DataFrame:
    """Effects against controls, which are no part of the designed experiment."""
    chosen = with_controls(results if archs is None else results[results["arch"].isin(archs)], designed)
    if settings.score == "glue" and not chosen.empty:
        chosen = with_glue_scores(chosen)
    return effects_matched(chosen, designed, settings)


def _other_metrics(results: pd.DataFrame) -> list[str]:
    """The metrics of GLUE's tasks that are not the paper's, as far as the results say so: ``f1 of mrpc``."""
    if "metric" not in results:
        return []
    pairs = results[["task", "metric"]].dropna().drop_duplicates().itertuples(index=False, name=None)
    return [f"{metric} of {task}" for task, metric in pairs if task in GLUE and metric != GLUE[task].metric]


def _curves(results: pd.DataFrame, settings: AnalyzeSettings) -> dict[str, pd.DataFrame]:
    """Curves by every definition of size that any model has."""
    grids = {size: grid(_of_known(results, size), size) for size in SIZES if _is_known(results, size)}
    per_task = of_tasks(grids, settings.confidence)
    curves = interaction_curve(per_task, grids, settings.confidence)
    return {
        INTERACTION_CURVE.name: with_verdicts(curves, per_task, settings),
        INTERACTION_CURVE_PER_TASK.name: per_task[list(INTERACTION_CURVE_PER_TASK.columns)],
    }


def _is_known(results: pd.DataFrame, size: str) -> bool:
    return size in results and bool(results[size].notna().any())


def _other_sizes(results: pd.DataFrame, settings: AnalyzeSettings) -> dict[str, pd.DataFrame]:
    """Table 1 by each other definition of size that any model has; models without it count as missing."""
    return {
        table.name: table1(Experiment.of(_of_known(results, size), settings, size))
        for size, table in BY_SIZE.items()
        if _is_known(results, size)
    }


def _of_known(results: pd.DataFrame, size: str) -> pd.DataFrame:
    """No scores where the size is unknown. The rows stay: a task or seed that had none left would not be missed."""
    return results.assign(score=results["score"].where(results[size].notna()))
