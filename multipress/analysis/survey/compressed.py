"""Models against ``ft`` of their architecture: sizes, speed-ups, and the family of their compressions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment
from multipress.analysis.grid import BASELINE
from multipress.analysis.settings import AnalyzeSettings
from multipress.compression import recipes
from multipress.compression.controls import is_control
from multipress.compression.recipes import Variants

UNCOMPRESSED = "none"
"""The family of ``ft``."""

SPEEDUPS = {
    "speedup_cpu": ("onnxruntime", True),
    "speedup_openvino": ("openvino", True),
    "speedup_gpu": ("torch", False),
}
"""Columns of the table: the runtime, and whether on a CPU."""


@dataclass(frozen=True)
class Compressed:
    """Results whose every model has a family, and the speed-ups of those that were measured."""

    study: Experiment
    results: pd.DataFrame
    speedups: pd.DataFrame
    """By arch and recipe, a column for each of ``SPEEDUPS``: geometric means over tasks, seeds and lengths."""
    variants: Variants

    @classmethod
    def of(
        cls, results: pd.DataFrame, latencies: pd.DataFrame | None, settings: AnalyzeSettings, variants: Variants
    ) -> "Compressed":
        """The models of these results but for controls; ``latencies`` is the table of that name, or None."""
        kept = results[~results["recipe"].map(is_control)]
        study = Experiment.of(kept, settings, variants=variants)
        return cls(study, kept, _speedups(latencies), variants)

    def estimated(self, function: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
        """A function of mean scores, shape (…, archs, recipes) to (…, archs, any): ``observed``, and its intervals.

        ``low`` and ``high`` are for other tasks, ``low_seeds`` and ``high_seeds`` for other seeds on these ones.
        """
        study = self.study
        tasks, seeds = (
            study.comparison(outcomes.estimate(outcomes.scores)).then(function)
            for outcomes in (study.outcomes, study.seed_outcomes)
        )
        ends = (*tasks.interval(study.settings.confidence), *seeds.interval(study.settings.confidence))
        names = ("low", "high", "low_seeds", "high_seeds")
        return {"observed": tasks.observed, **dict(zip(names, ends, strict=True))}

    @property
    def models(self) -> list[tuple[int, str, int, str]]:
        """Rows, names, columns and recipes of the models that any task has."""
        grid = self.study.grid
        known = ~np.isnan(grid.scores).all(axis=(0, 3))
        return [
            (row, arch, column, recipe)
            for row, arch in enumerate(grid.archs)
            for column, recipe in enumerate(grid.recipes)
            if known[row, column]
        ]

    def times_smaller(self, arch: str, recipe: str, size: str = "packed_mb") -> float:
        """How many times smaller than ``ft``, the geometric mean over tasks and seeds; NaN where one is not known."""
        if size not in self.results:
            return np.nan
        of_arch = self.results[self.results["arch"] == arch].set_index(["task", "seed"])
        own, uncompressed = (of_arch.loc[of_arch["recipe"] == name, size] for name in (recipe, BASELINE))
        trials = self.results[["task", "seed"]].drop_duplicates()
        ratios = (uncompressed / own).reindex(pd.MultiIndex.from_frame(trials)).astype(float)
        return float(np.exp(np.log(ratios).mean(skipna=False)))

    def speedup(self, arch: str, recipe: str, column: str = "speedup_cpu") -> float:
        """How many times faster than ``ft``; NaN where it was not measured."""
        return float(self.speedups[column].get((arch, recipe), np.nan))

    def family(self, recipe: str) -> str:
        """The families of a recipe's compressions, each once, in the order of its steps."""
        return " + ".join(families_of(recipes.steps(recipe, self.variants))) or UNCOMPRESSED


def families_of(steps: Iterable[recipes.Step]) -> list[str]:
    """The families of these steps, each once."""
    return list(dict.fromkeys(step.method.family for step in steps if step.method.family and not step.is_control))


def _speedups(latencies: pd.DataFrame | None) -> pd.DataFrame:
    """Of the smallest batch and the fewest threads: what someone waits for."""
    if latencies is None or latencies.empty:
        return pd.DataFrame(columns=list(SPEEDUPS), index=pd.MultiIndex.from_arrays([[], []]))
    found = {}
    for column, (runtime, on_cpu) in SPEEDUPS.items():
        rows = latencies[(latencies["runtime"] == runtime) & ((latencies["device"] == "cpu") == on_cpu)]
        rows = rows[(rows["batch"] == rows["batch"].min()) & (rows["threads"] == rows["threads"].min())]
        found[column] = np.exp(np.log(rows["speedup"].astype(float)).groupby([rows["arch"], rows["recipe"]]).mean())
    return pd.DataFrame(found)
