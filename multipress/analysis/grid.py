"""The results as arrays over tasks, architectures, recipes and seeds, and the names of what is missing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from multipress.analysis.flat_scores import Flat, flat_scores
from multipress.compression import recipes
from multipress.compression.recipes import NO_VARIANTS, Variants, recipe_order
from multipress.compression.subsets import study_methods

BASELINE = "ft"
"""The recipe of the uncompressed model."""


@dataclass(frozen=True)
class Grid:
    """Every model that the results cross: each task x architecture x recipe, with the seeds of its task.

    A task's seeds are those that any of its models has; a model that lacks one of them is incomplete.
    """

    tasks: list[str]
    archs: list[str]
    """Largest first."""
    recipes: list[str]
    """Ordered by subset as in Table 1; within it, the mildest compression first."""
    seeds: list[list[int]]
    """The seeds of each task."""
    scores: np.ndarray
    """Points, of shape (tasks, archs, recipes, most seeds); the last axis counts a task's seeds. NaN: no such model."""
    sizes: np.ndarray
    """MB, means over seeds, of shape (tasks, archs, recipes). Where a task lacks the model, the mean over the other
    tasks; 0 where no task has it."""
    flat: list[Flat]
    """Scores that tell no model from another."""

    @property
    def means(self) -> np.ndarray:
        """Scores averaged over seeds, of shape (tasks, archs, recipes); NaN where a model is incomplete."""
        return np.stack(
            [scores[..., : len(seeds)].mean(axis=-1) for scores, seeds in zip(self.scores, self.seeds, strict=True)]
        )

    @cached_property
    def methods(self) -> list[str]:
        """The subsets of compressions that the recipes use, other than none, in the order of Table 1."""
        return study_methods(self.recipes)

    @property
    def baseline(self) -> int | None:
        """The index of the uncompressed model among the recipes."""
        return self.recipes.index(BASELINE) if BASELINE in self.recipes else None

    def curve(self, subset: str) -> list[int]:
        """Indices of the recipes of a subset of compressions, the mildest first."""
        return [index for index, recipe in enumerate(self.recipes) if recipes.subset(recipe) == subset]

    def lacks(self, task: int, arch: int, recipe: int) -> str:
        """What a model lacks, such as ``rte lacks large/kd (seed 2)``; empty if it is complete."""
        seeds = self.seeds[task]
        absent = [seed for index, seed in enumerate(seeds) if np.isnan(self.scores[task, arch, recipe, index])]
        if not absent:
            return ""
        which = "" if len(absent) == len(seeds) else f" (seed {', '.join(map(str, absent))})"
        return f"{self.tasks[task]} lacks {self.archs[arch]}/{self.recipes[recipe]}{which}"

    def gaps(self, arch: int, recipe: int) -> list[str]:
        """What a model lacks at each task that it does not have in full."""
        return [gap for task in range(len(self.tasks)) if (gap := self.lacks(task, arch, recipe))]

    @property
    def n_seeds(self) -> int:
        """Seeds of the task that has the fewest."""
        return min(len(seeds) for seeds in self.seeds)


def grid(results: pd.DataFrame, size: str = "paper_mb", variants: Variants = NO_VARIANTS) -> Grid:
    """The grid that these results cross, with this column for the size; a NaN there is a size that is not known.

    Recipes may name these variants; then they only have an order, and are on no curve.
    """
    largest = results.groupby("arch", sort=False)[size].max().fillna(0.0)
    archs = sorted(largest.index, key=lambda arch: (-largest[arch], arch))
    names = sorted(results["recipe"].unique(), key=lambda name: recipe_order(name, variants))
    tasks = sorted(results["task"].unique())  # so that draws do not depend on the order of rows
    seeds = [sorted(results.loc[results["task"] == task, "seed"].unique().tolist()) for task in tasks]
    shape = (len(tasks), len(archs), len(names), max(map(len, seeds)))
    scores, sizes = np.full(shape, np.nan), np.full(shape, np.nan)
    for task, arch, recipe, seed, score, mb in results[["task", "arch", "recipe", "seed", "score", size]].itertuples(
        index=False, name=None
    ):
        number = tasks.index(task)
        cell = (number, archs.index(arch), names.index(recipe), seeds[number].index(seed))
        scores[cell], sizes[cell] = score, mb
    return Grid(tasks, archs, names, seeds, scores, _mean_sizes(sizes), flat_scores(results))


def _mean_sizes(sizes: np.ndarray) -> np.ndarray:
    """Means over seeds, gaps filled as ``Grid.sizes`` says; ``sizes`` has the shape of ``Grid.scores``."""
    of_tasks = _mean_of_known(sizes, axis=-1)
    overall = _mean_of_known(of_tasks, axis=0)
    filled = np.where(np.isnan(of_tasks), overall, of_tasks)
    return np.where(np.isnan(filled), 0.0, filled)


def _mean_of_known(values: np.ndarray, axis: int) -> np.ndarray:
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
