"""Models whose scores are in doubt: those that have not learnt their task, and those that a smaller one beats.

A training that collapsed answers every row alike, and one such run may multiply the ratios of its architecture.
Nothing is left out for that: the flags say where to look.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis.additive_null import seed_noise
from multipress.analysis.experiment import Experiment
from multipress.analysis.flag_warnings import LARGER_IS_WORSE, NOT_LEARNT
from multipress.analysis.grid import Grid
from multipress.analysis.ratios import ROUNDING
from multipress.analysis.results_file import OF_MAJORITY
from multipress.analysis.tables import FLAGS

ERRORS = 2.0
"""Standard errors up to which a difference counts as noise."""


def flags(study: Experiment, results: pd.DataFrame) -> pd.DataFrame:
    """A row for each flag of a model: its score, and the limit that the score does not exceed.

    ``not_learnt`` is asked of each seed: is the score at most ``ERRORS`` standard errors above that of one answer to
    all rows? Only results with the columns score_majority and rows can tell. ``larger_is_worse`` is asked of means over
    seeds: is the score more than ``ERRORS`` standard errors below that of a smaller architecture with the same recipe?
    The noise of seeds is pooled over a task's models; with one seed it is not known, and any lower score counts.
    """
    rows = [*_not_learnt(study.grid, results), *_larger_is_worse(study.grid)]
    return pd.DataFrame(rows, columns=FLAGS.columns).astype({"seed": "Int64"})


def tells_majority(results: pd.DataFrame) -> bool:
    """Whether the results say of any model what one answer to all rows would score."""
    if not set(OF_MAJORITY) <= set(results):
        return False
    return bool(results[OF_MAJORITY].notna().all(axis="columns").any())


def guessing_error(majority: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The standard error in points of a score of answers that know nothing of their rows.

    Where answers are right by chance, their share has the error of a share; with two labels it is never larger.
    Correlations, for which one answer to all rows counts 0, have one of 1 over the root of the rows.
    """
    share = majority / 100
    return 100 * np.where(share == 0, 1.0, np.sqrt(np.abs(share * (1 - share)))) / np.sqrt(rows)


def _not_learnt(grid: Grid, results: pd.DataFrame) -> Iterator[dict[str, Any]]:
    if not tells_majority(results):
        return
    majority, rows = (results[column].to_numpy(float) for column in OF_MAJORITY)
    limits = majority + ERRORS * guessing_error(majority, rows)
    doubtful = results.assign(limit=limits)[results["score"].to_numpy() <= limits + ROUNDING]
    for model in sorted(doubtful.itertuples(), key=lambda model: _place(grid, model)):
        yield {
            **{key: getattr(model, key) for key in ("task", "arch", "recipe", "seed", "score", "limit")},
            "flag": NOT_LEARNT,
            "note": f"one answer to all {model.rows:g} rows scores {model.score_majority:.4g}",
        }


def _place(grid: Grid, model: Any) -> tuple[int, ...]:
    """Where a model stands in the tables."""
    return (
        grid.tasks.index(model.task),
        grid.archs.index(model.arch),
        grid.recipes.index(model.recipe),
        model.seed,
    )


def _larger_is_worse(grid: Grid) -> Iterator[dict[str, Any]]:
    means, noise = grid.means, ERRORS * np.sqrt(2) * np.nan_to_num(seed_noise(grid))
    for task, arch, recipe in np.ndindex(means.shape):
        score, sizes = means[task, arch, recipe], grid.sizes[task, :, recipe]
        smaller = np.where(sizes < sizes[arch], means[task, :, recipe], np.nan)
        if np.isnan(score) or np.isnan(smaller).all():
            continue
        best = int(np.nanargmax(smaller))
        limit = smaller[best] - noise[task]
        if score < limit - ROUNDING:
            without_noise = "" if len(grid.seeds[task]) > 1 else "; one seed tells nothing of noise"
            yield {
                **{"task": grid.tasks[task], "arch": grid.archs[arch], "recipe": grid.recipes[recipe], "seed": None},
                **{"flag": LARGER_IS_WORSE, "score": score, "limit": limit},
                "note": f"{grid.archs[best]} scores {smaller[best]:.4g}{without_noise}",
            }
