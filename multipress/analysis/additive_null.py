"""What the rule of Table 1 makes of losses that add up: the ratio over the product where nothing interacts.

That ratio is not 1. The tolerance is granted to each single method and once to the combination; models come in few
sizes; and noise makes a single method fail the threshold, which the product multiplies. So each ratio is held to those
of experiments that are as the observed one but for the interaction in question: for each task and architecture, main
effects of all steps and all interactions of two but the tested one are fitted to the scores by least squares (for a
combination of more than two, main effects alone), the noise of the seeds is added anew, and the rule applied.

The tasks stay as they are: a p-value says whether seeds could have made the ratio of these tasks. With one seed there
is no noise to go by; then each combination's score is replaced by the sum of what its parts change, no more.
"""

from dataclasses import dataclass
from itertools import combinations as pairs

import numpy as np

from multipress.analysis.experiment import Experiment
from multipress.analysis.grid import BASELINE, Grid
from multipress.analysis.methods import combinations, over_product, pick, pooled, single_recipes
from multipress.analysis.ratios import choose
from multipress.compression import recipes
from multipress.compression.subsets import parts

_MOST_DRAWS = 2000
"""Enough for p-values of a thousandth."""

_ROUNDING = 1e-9
"""Logarithms of ratios that are closer are equal."""


@dataclass(frozen=True)
class AdditiveNull:
    """Ratios over the product where losses add up, each array of shape (archs + 1, combinations); the last pools."""

    expected: np.ndarray
    """Geometric mean over experiments; NaN where missing models leave a ratio open."""
    p: np.ndarray
    """Two-sided p-value of the observed ratio; NaN where ``expected`` is, and with one seed."""


def additive_null(study: Experiment) -> AdditiveNull:
    """Hold each combination's ratio to experiments without its interaction; the same seed gives the same numbers."""
    methods, random = study.grid.methods, np.random.default_rng(study.settings.seed)
    observed = np.log(over_product(pooled(study.ratios.observed), methods))
    noise = seed_noise(study.grid)
    is_noisy = not np.isnan(noise).any()
    draws = min(study.settings.draws, _MOST_DRAWS) if is_noisy else 1
    expected, p = np.full(observed.shape, np.nan), np.full(observed.shape, np.nan)
    for column, name in enumerate(combinations(methods)):
        scores = without_interaction(study.grid, name) if is_noisy else summed(study.grid)
        ratios = np.mean(
            [_log_ratios(study, task, scores[task], noise[task], draws, random) for task in _tasks(study)], 0
        )
        drawn = np.log(over_product(pooled(np.exp(ratios)), methods))[..., column]
        expected[:, column] = np.exp(drawn.mean(axis=0))
        p[:, column] = two_sided(observed[:, column], drawn) if is_noisy else np.nan
    return AdditiveNull(expected, p)


def _tasks(study: Experiment) -> range:
    return range(len(study.grid.tasks))


def _log_ratios(
    study: Experiment, task: int, scores: np.ndarray, noise: float, draws: int, random: np.random.Generator
) -> np.ndarray:
    """Of one task in each experiment, from scores of shape (archs, recipes): (draws, archs, methods)."""
    drawn = random.normal(size=(draws, *scores.shape)) * np.nan_to_num(noise)
    return np.log(choose(study.grid, task, scores + drawn, study.settings).ratio)


def seed_noise(grid: Grid) -> np.ndarray:
    """The standard error of a model's mean over seeds on each task, pooled over its models; NaN with one seed."""
    found = np.full(len(grid.tasks), np.nan)
    for task, seeds in enumerate(grid.seeds):
        known = ~np.isnan(grid.means[task])
        if len(seeds) > 1 and known.any():
            variances = grid.scores[task][known][:, : len(seeds)].var(axis=-1, ddof=1)
            found[task] = np.sqrt(variances.mean() / len(seeds))
    return found


def without_interaction(grid: Grid, combination: str) -> np.ndarray:
    """Scores fitted without a combination's interaction: (tasks, archs, recipes), NaN for models that are missing."""
    terms, means = _terms(grid, combination), grid.means
    fitted = np.full(means.shape, np.nan)
    for place in np.ndindex(means.shape[:2]):
        known = ~np.isnan(means[place])
        if known.any():
            effects = np.linalg.lstsq(terms[known], means[place][known], rcond=None)[0]
            fitted[place][known] = terms[known] @ effects
    return fitted


def summed(grid: Grid) -> np.ndarray:
    """Scores with each combination's replaced by the sum of what its parts change: (tasks, archs, recipes)."""
    means = grid.means
    scores = means.copy()
    for recipe, name in enumerate(grid.recipes):
        if singles := single_recipes(name):
            changes = pick(means, grid.recipes, singles) - pick(means, grid.recipes, [BASELINE])
            scores[..., recipe] = pick(means, grid.recipes, [BASELINE])[..., 0] + changes.sum(axis=-1)
    return scores


def _terms(grid: Grid, combination: str) -> np.ndarray:
    """The design of the fit: (recipes, terms)."""
    steps = [{step.name: step.label for step in recipes.steps(name) if step.label} for name in grid.recipes]
    labels = dict(pair for of_recipe in steps for pair in of_recipe.items())
    has = {name: np.array([name in of_recipe for of_recipe in steps], dtype=float) for name in labels}
    tested = set(parts(combination))
    together = [
        has[one] * has[other]
        for one, other in pairs(labels, 2)
        if len(tested) == 2 and {labels[one], labels[other]} != tested
    ]
    return np.column_stack([np.ones(len(steps)), *has.values(), *(term for term in together if term.any())])


def two_sided(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The p-value of what was observed among draws, the observed one counted in: (k), (draws, k) → (k)."""
    above = 1 + (drawn >= observed - _ROUNDING).sum(axis=0)
    below = 1 + (drawn <= observed + _ROUNDING).sum(axis=0)
    p = np.minimum(1, 2 * np.minimum(above, below) / (len(drawn) + 1))
    return np.where(np.isnan(observed) | np.isnan(drawn).any(axis=0), np.nan, p)
