"""Synthetic experiments of the paper's shape, of which any number can be drawn from one population."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from multipress.analysis.grid import Grid, grid
from multipress.compression import recipes

ARCHS = {"large": 1340.6, "base": 437.9, "medium": 165.5, "small": 115.1, "mini": 44.7, "tiny": 17.55}
"""Uncompressed sizes in MB (Movva et al. 2022, Table 1)."""

EMBEDDINGS = {"large": 0.095, "base": 0.218, "medium": 0.378, "small": 0.544, "mini": 0.70, "tiny": 0.90}
"""Share of a model that pruning leaves alone, so that pruned sizes are near the paper's."""

SCORES = {"large": 88.5, "base": 87.4, "medium": 85.1, "small": 83.3, "mini": 81.4, "tiny": 78.1}
CHANCE = 55.0
"""Points of a run that learnt nothing."""

RECIPES = recipes.cross([["ft", "kd"], ["mp40", "mp60"], ["int8"]])


@dataclass(frozen=True)
class Population:
    """Tasks differ in how good architectures are at them and in what compressions cost; seeds add noise to models."""

    task_spread: float = 0.5
    """Standard deviation over tasks of a compression's effect, in points."""
    seed_spread: float = 0.3
    """Standard deviation over seeds of a model's score, in points."""
    interaction_spread: float = 0.0
    """Standard deviation over tasks of what other compressions lose less after distillation, in points."""
    recovered: float = 0.6
    """The mean of that; 0: losses of score add up."""
    collapsed: float = 0.0
    """Share of runs that learn nothing and score ``CHANCE``."""
    effects: tuple[float, ...] = (1.2, -0.25, -0.3, -1.0)
    """Mean effects of kd, int8, mp40 and mp60, in points."""
    once: float = 0.0
    """Points that any compression changes, however many there are."""
    gain_by_arch: tuple[float, ...] = (0.0,) * len(ARCHS)
    """Points that distillation gives each architecture beyond its mean effect."""

    def draw(self, random: np.random.Generator, tasks: int, seeds: int) -> pd.DataFrame:
        """An experiment: a row for each model, with the columns that the analysis reads."""
        names = [[f"task{number}" for number in range(tasks)], list(ARCHS), RECIPES, range(seeds)]
        table = pd.MultiIndex.from_product(names, names=["task", "arch", "recipe", "seed"]).to_frame(index=False)
        table["score"] = self.scores(random, tasks, seeds).ravel()
        table["paper_mb"] = [_size(arch, recipe) for arch, recipe in zip(table["arch"], table["recipe"], strict=True)]
        return table

    def scores(self, random: np.random.Generator, tasks: int, seeds: int) -> np.ndarray:
        """The scores of an experiment, of shape (tasks, archs, recipes, seeds)."""
        expected = self.expected(random, tasks)[..., None]
        scores = expected + random.normal(0, self.seed_spread, (*expected.shape[:-1], seeds))
        return np.where(random.random(scores.shape) < self.collapsed, CHANCE, scores) if self.collapsed else scores

    def expected(self, random: np.random.Generator, tasks: int) -> np.ndarray:
        """Scores without the seeds' noise, of shape (tasks, archs, recipes)."""
        effects = zip(("kd", "int8", "mp40", "mp60"), self.effects, strict=True)
        drawn = {step: mean + random.normal(0, self.task_spread, tasks) for step, mean in effects}
        base = np.array(list(SCORES.values())) + random.normal(0, 3, (tasks, 1)) + random.normal(0, 0.5, (tasks, 6))
        shifts = [sum(drawn[step] for step in recipe.split("-") if step in drawn) for recipe in RECIPES]
        recovers = np.array(["kd" in recipe and "-" in recipe for recipe in RECIPES])
        recovered = random.normal(self.recovered, self.interaction_spread, (tasks, 1, 1)) * recovers
        distilled = np.array([recipe.startswith("kd") for recipe in RECIPES])
        recovered = recovered + np.array(self.gain_by_arch)[:, None] * distilled
        recovered = recovered + self.once * np.array([recipe != "ft" for recipe in RECIPES])
        return base[:, :, None] + np.stack([shift * np.ones(tasks) for shift in shifts], -1)[:, None] + recovered


def _size(arch: str, recipe: str) -> float:
    kept = 1 - recipes.sparsity(recipe) * (1 - EMBEDDINGS[arch])
    return ARCHS[arch] * kept * recipes.bits(recipe) / 32


def blank_grid(tasks: int, seeds: int) -> tuple[Grid, list[int]]:
    """A grid whose scores may be replaced, and the places of its recipes among ``RECIPES``."""
    blank = grid(Population().draw(np.random.default_rng(0), tasks, seeds))
    return blank, [RECIPES.index(recipe) for recipe in blank.recipes]
