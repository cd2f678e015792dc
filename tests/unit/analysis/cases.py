"""Results whose analysis is known by construction: two architectures, sizes in the proportions of int8 and mp50."""

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment
from multipress.analysis.results_file import REQUIRED
from multipress.analysis.settings import AnalyzeSettings
from multipress.compression import recipes
from multipress.compression.controls import variants_in
from multipress.data.glue import GLUE

SIZES = {"big": 120.0, "small": 30.0}
FINE_TUNED = {"big": 90.0, "small": 80.0}
ALL = recipes.cross([["ft", "kd"], ["mp50"], ["int8"]])

MULTIPLICATIVE = {("small", recipe): 90.0 for recipe in ALL if recipe.startswith("kd")}
"""int8 (a quarter) and mp50 (a half) cost nothing; distilled, small (a quarter of big) is as good as big."""

SUPER = MULTIPLICATIVE | {("big", "ft-int8"): 85.0}
"""As before, but quantization works only after distillation: for big it fails alone."""

DIMINISHING = MULTIPLICATIVE | {("big", "ft-mp50-int8"): 85.0}
"""As before, but pruning and quantization fail together."""


def size(arch, recipe):
    variants = variants_in([recipe])
    return SIZES[arch] * (1 - recipes.sparsity(recipe, variants)) * recipes.bits(recipe, variants) / 32


def results(scores=(), tasks=("a", "b", "c", "d"), seeds=(0, 1), names=ALL):
    """A row for each model, scored as ``scores`` says by (arch, recipe), else as the fine-tuned architecture."""
    scores = dict(scores)
    rows = [
        (task, arch, recipe, seed, scores.get((arch, recipe), FINE_TUNED[arch]), size(arch, recipe))
        for task in tasks
        for arch in SIZES
        for recipe in names
        for seed in seeds
    ]
    return pd.DataFrame(rows, columns=REQUIRED)


def unlike(scores=(), tasks="abcdef", **cases):
    """The same, but tasks and seeds differ: sizes by half a percent, scores by hundredths of a point."""
    table, random = results(scores, tasks=list(tasks), **cases), np.random.default_rng(1)
    of_models = table.groupby(["task", "recipe"]).ngroup()
    factors = np.exp(random.normal(0, 0.005, of_models.max() + 1))[of_models]
    table["paper_mb"] *= np.where(table["recipe"] == "ft", 1, factors)
    table["score"] += random.normal(0, 0.01, len(table))
    return table


def in_glue(table):
    """The same as results of GLUE's tasks."""
    return table.assign(task=table["task"].map(dict(zip(sorted(table["task"].unique()), sorted(GLUE), strict=False))))


def without(table, **cells):
    """The table less the rows that have all of these values."""
    gone = pd.concat([table[column] == value for column, value in cells.items()], axis="columns").all(axis="columns")
    return table[~gone]


def study(table, **settings):
    return Experiment.of(table, AnalyzeSettings(**{"draws": 200} | settings))


def row(table, **cells):
    """The one row of a table with these values."""
    found = table
    for column, value in cells.items():
        found = found[found[column] == value]
    (only,) = found.to_dict("records")
    return only
