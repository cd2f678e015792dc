"""What all tables are made of: the grid, its resampled outcomes, and the ratios of each."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from multipress.analysis.bootstrap import Estimate, Outcomes, resample, resample_seeds
from multipress.analysis.grid import Grid, grid
from multipress.analysis.listing import listed
from multipress.analysis.ratios import Chosen, choose
from multipress.analysis.settings import AnalyzeSettings
from multipress.compression.recipes import NO_VARIANTS, Variants


@dataclass(frozen=True)
class Experiment:
    """One table of results under one definition of size."""

    grid: Grid
    settings: AnalyzeSettings

    @classmethod
    def of(
        cls,
        results: pd.DataFrame,
        settings: AnalyzeSettings,
        size: str = "paper_mb",
        variants: Variants = NO_VARIANTS,
    ) -> "Experiment":
        """The experiment of results that ``results_file`` read and selected; recipes may name these variants."""
        return cls(grid(results, size, variants), settings)

    @cached_property
    def outcomes(self) -> Outcomes:
        """The resampled experiments."""
        return resample(self.grid, self.settings)

    @cached_property
    def seed_outcomes(self) -> Outcomes:
        """The same tasks with resampled seeds."""
        return resample_seeds(self.grid, self.settings)

    @cached_property
    def scores(self) -> Estimate:
        """Scores averaged over tasks, of shape (archs, recipes); NaN where a model lacks any task or seed."""
        return self.outcomes.estimate(self.outcomes.scores)

    @cached_property
    def chosen(self) -> list[Chosen]:
        """The rule's answers for each task, on the scores as they are: arrays of shape (1, archs, methods)."""
        means = self.grid.means
        return [choose(self.grid, task, means[task][None], self.settings) for task in range(len(self.grid.tasks))]

    @cached_property
    def ratios(self) -> Estimate:
        """Geometric means over tasks of ratios, of shape (archs, methods).

        What ratios multiply to is asked of these: where a task shrinks well under all methods, the arithmetic mean of
        products exceeds the product of arithmetic means.
        """
        return self._geometric_means(self.outcomes)

    @cached_property
    def ratios_of_seeds(self) -> Estimate:
        """The same with these tasks and other seeds."""
        return self._geometric_means(self.seed_outcomes)

    def _geometric_means(self, outcomes: Outcomes) -> Estimate:
        logs = outcomes.estimate(np.log(self._ratios(outcomes, self.settings)))
        return self.comparison(logs).then(np.exp)

    def ratios_within(self, settings: AnalyzeSettings) -> Estimate:
        """Arithmetic means over tasks of ratios under the tolerance of these settings, from the same draws."""
        return self.comparison(self.outcomes.estimate(self._ratios(self.outcomes, settings)))

    def _ratios(self, outcomes: Outcomes, settings: AnalyzeSettings) -> np.ndarray:
        ratios = np.empty((len(outcomes.tasks), len(self.grid.archs), len(self.grid.methods)))
        for task in range(len(self.grid.tasks)):
            of_task = outcomes.tasks == task
            ratios[of_task] = choose(self.grid, task, outcomes.scores[of_task], settings).ratio
        return ratios

    def comparison(self, estimate: Estimate) -> Estimate:
        """An estimate of shape (archs, …) that compares models, without draws where their scores tell nothing."""
        undefined = [self.undefined(arch) != "" for arch in range(len(self.grid.archs))]
        if not any(undefined):
            return estimate
        draws, task_draws = estimate.draws.copy(), estimate.task_draws.copy()
        draws[:, undefined] = task_draws[:, undefined] = np.nan
        return replace(estimate, draws=draws, task_draws=task_draws)

    def undefined(self, row: int) -> str:
        """Why comparisons have no interval at an architecture or (beyond the last) over all; empty if they may have."""
        flat = self.flat(row)
        return f"no interval: {flat}" if flat else ""

    def flat(self, row: int) -> str:
        """Which scores tell no model from another, at an architecture or (beyond the last) at any; empty if none."""
        archs = ["", *(self.grid.archs[row : row + 1] or self.grid.archs)]
        return listed([str(each) for each in self.grid.flat if each.arch in archs])

    def missing(self, arch: int | None, subsets: list[str]) -> str:
        """Which models leave the ratios of these methods open, at one architecture or (None) at any; empty if none."""
        archs = range(len(self.grid.archs)) if arch is None else [arch]
        lacking = {
            gap: None
            for task, chosen in enumerate(self.chosen)
            for at in archs
            for method in subsets
            if self._is_open(chosen, at, method)
            for gap in self._gaps(task, at, method)
        }
        return listed(list(lacking))

    def _is_open(self, chosen: Chosen, arch: int, method: str) -> bool:
        """Whether a method has no ratio, or none is in the results."""
        methods = self.grid.methods
        return method not in methods or bool(np.isnan(chosen.ratio[0, arch, methods.index(method)]))

    def _gaps(self, task: int, arch: int, method: str) -> list[str]:
        """What one ratio lacks: the uncompressed model, or models of the method's curve."""
        if self.grid.baseline is None:
            return ["no model is uncompressed (ft)"]
        curve = self.grid.curve(method)
        if not curve:
            return [f"no model of {method}"]
        models = [(arch, self.grid.baseline)]
        models += [(other, recipe) for other in range(len(self.grid.archs)) for recipe in curve]
        return [gap for model in models if (gap := self.grid.lacks(task, *model))]


def no_interval(study: Experiment, low: float) -> str:
    """Why there is no interval where the quantity itself is known; empty if there is one."""
    if not np.isnan(low):
        return ""
    few = len(study.grid.tasks) < 2
    return "one task: no interval" if few else "no interval: in some draws a missing model would decide"


def with_note_on_seeds(n_seeds: int, table: pd.DataFrame) -> pd.DataFrame:
    """The table, whose first row says, if it says nothing else, that no row has an interval for other seeds."""
    if n_seeds < 2 and len(table) and not table.loc[0, "note"]:
        table.loc[0, "note"] = ONE_SEED
    return table


ONE_SEED = "one seed: no intervals for other seeds"

FEWEST_TASKS = 5
"""From fewer tasks there is no verdict: their spread, on which an interval rests, is hardly known."""


def no_verdict(study: Experiment, low: float, high: float) -> str:
    """Why the interval of a mean over tasks allows no verdict, and what can be said; empty if it allows one."""
    count, confidence = len(study.grid.tasks), study.settings.confidence
    if np.isnan(low):
        return no_interval(study, low)
    if low == high:
        # If fewer agreed, so many tasks would all be among them in less than 1 - confidence of such samples.
        share = (1 - confidence) ** (1 / count)
        certain = f"at least {share:.0%} of such tasks do (confidence {confidence:g})"
        return f"no verdict: all {count} tasks agree, so {certain}"
    return f"no verdict: {count} tasks are fewer than {FEWEST_TASKS}" if count < FEWEST_TASKS else ""
