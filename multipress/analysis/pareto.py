"""Which models are worth having: those that no other beats in size and score at once."""

import numpy as np
import pandas as pd

from multipress.analysis.grid import Grid
from multipress.analysis.listing import listed
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
    columns = [column for column in PARETO.columns if column != "on_front"]
    return pd.DataFrame(rows, columns=columns).sort_values(["size_mb", "score"], ascending=[True, False], kind="stable")


def pareto(grid: Grid) -> pd.DataFrame:
    """``models`` with a column ``on_front``: no other model is at most as large and at least as good, and differs.

    NaN where the model is incomplete; the front is that of the complete ones.
    """
    table = models(grid)
    front = pd.Series(on_front(table["size_mb"].to_numpy(), table["score"].to_numpy()), table.index, dtype=object)
    table.insert(5, "on_front", front.where(table["score"].notna(), np.nan))
    return table


def on_front(sizes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Whether each model is on the front of small sizes and high scores; NaN never beats anything."""
    no_worse = (sizes[:, None] <= sizes) & (scores[:, None] >= scores)
    better = (sizes[:, None] < sizes) | (scores[:, None] > scores)
    beaten = np.asarray((no_worse & better).any(axis=0))
    return ~beaten
