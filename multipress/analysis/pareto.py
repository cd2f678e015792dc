"""Which models are worth having: those that no other beats in size and score at once."""

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment
from multipress.analysis.grid import Grid
from multipress.analysis.listing import listed
from multipress.analysis.ratios import ROUNDING
from multipress.analysis.tables import PARETO
from multipress.compression import recipes


def models(grid: Grid) -> pd.DataFrame:
    """A row for each model of the grid, smallest first: size in MB and score, means over all tasks and seeds.

    A model that lacks any task or seed has neither, and ``note`` names what it lacks.
    """
    rows = []
    for arch, of_arch in enumerate(grid.archs):
        for index, recipe in enumerate(grid.recipes):
            gaps = grid.gaps(arch, index)
            rows.append(
                {
                    "arch": of_arch,
                    "recipe": recipe,
                    "subset": recipes.subset(recipe),
                    "size_mb": np.nan if gaps else grid.sizes[:, arch, index].mean(),
                    "score": np.nan if gaps else grid.means[:, arch, index].mean(),
                    "n_tasks": len(grid.tasks),
                    "note": listed(gaps),
                }
            )
    columns = [column for column in PARETO.columns if column not in ("on_front", "front_share")]
    return pd.DataFrame(rows, columns=columns).sort_values(["size_mb", "score"], ascending=[True, False], kind="stable")


def pareto(study: Experiment) -> pd.DataFrame:
    """``models`` with a column ``on_front``: no other model is at most as large and at least as good, and differs.

    ``front_share`` is the share of draws of tasks and seeds in which it is: a model whose score owes much to luck is
    there in few. Both are NaN where the model is incomplete; the front is that of the complete ones. With one task
    there are no draws.
    """
    table = models(study.grid)
    front = pd.Series(on_front(table["size_mb"].to_numpy(), table["score"].to_numpy()), table.index, dtype=object)
    table.insert(5, "on_front", front.where(table["score"].notna(), np.nan))
    table.insert(6, "front_share", _shares(study)[table.index])
    return table


def _shares(study: Experiment) -> np.ndarray:
    """The share of draws in which each model is on the front, in the order of ``models`` before they are sorted."""
    draws = study.scores.draws.reshape(len(study.scores.draws), -1)
    shares, known = np.full(draws.shape[1], np.nan), np.flatnonzero(~np.isnan(draws).any(axis=0))
    if len(study.grid.tasks) < 2:
        return shares
    sizes, scores = study.grid.sizes.mean(axis=0).ravel()[known], draws[:, known]
    for column, model in enumerate(known):
        smaller, alike = (scores[:, these].max(axis=1, initial=-np.inf) for these in _rivals(sizes, column))
        own = scores[:, column]
        shares[model] = ((smaller < own - ROUNDING) & (alike <= own + ROUNDING)).mean()
    return shares


def _rivals(sizes: np.ndarray, model: int) -> tuple[np.ndarray, np.ndarray]:
    """The models that are smaller, and those of the same size."""
    return sizes < sizes[model], sizes == sizes[model]


def on_front(sizes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Whether each model is on the front of small sizes and high scores; NaN never beats anything.

    Scores that differ by rounding alone are equal.
    """
    no_worse = (sizes[:, None] <= sizes) & (scores[:, None] >= scores - ROUNDING)
    better = (sizes[:, None] < sizes) | (scores[:, None] > scores + ROUNDING)
    beaten = np.asarray((no_worse & better).any(axis=0))
    return ~beaten
