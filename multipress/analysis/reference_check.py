"""The paper's own Figure 1 asked whether sizes multiply: by the rule of Table 1, and by the distance of curves.

Each answer is a combination's ratio over the product of those of its single methods, and each stands beside the one for
scores that add up exactly: every combination's score replaced by the sum of what its parts change. Figure 1 shows means
over the eight tasks, which count as one task here, where the paper averages over tasks after applying its rule: so the
numbers need not be those of the printed Table 1.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from multipress.analysis.additive_null import summed
from multipress.analysis.grid import Grid, grid
from multipress.analysis.interaction_curve import of_tasks
from multipress.analysis.methods import combinations, over_product, pick, pooled
from multipress.analysis.paper import PAPER_METHODS, Paper
from multipress.analysis.ratios import choose
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.verdicts import POOLED

READINGS = 100
"""How often the figure is read anew, each score anywhere within its precision."""

MIDDLE = 0.95
"""The share of the readings between the ends that are given."""

QUANTITIES = ["rule", "rule_if_additive", "curves", "curves_if_additive"]
COLUMNS = ["combination", "printed", *(name + end for name in QUANTITIES for end in ("", "_low", "_high"))]


def reference_check(paper: Paper, settings: AnalyzeSettings) -> pd.DataFrame:
    """A row for each combination: its ratios over the product, pooled over architectures.

    ``printed`` is that of Table 1. ``rule`` is the same rule applied to Figure 1, ``curves`` the horizontal distance of
    its curves; either ``…_if_additive`` has scores that add up. ``…_low`` and ``…_high`` hold ``MIDDLE`` of what
    other readings of the figure give; they say nothing of seeds and tasks.
    """
    names = combinations(PAPER_METHODS)
    found = _answers(grid(_readings(paper, settings.seed)), settings)
    low, high = (
        {name: np.quantile(values[1:], end, axis=0) for name, values in found.items()}
        for end in ((1 - MIDDLE) / 2, (1 + MIDDLE) / 2)
    )
    table = pd.DataFrame({"combination": names, "printed": over_product(pooled(paper.ratios), PAPER_METHODS)[-1]})
    for name, values in found.items():
        table[name], table[f"{name}_low"], table[f"{name}_high"] = values[0], low[name], high[name]
    return table[COLUMNS]


def _readings(paper: Paper, seed: int) -> pd.DataFrame:
    """Results in which the figure as digitized is the first task, and each other reading a further one."""
    table, random = paper.results(), np.random.default_rng(seed)
    precision = paper.figure1["precision"].to_numpy()
    others = [
        table.assign(
            task=f"{table['task'].iloc[0]} {number:05}",
            score=table["score"] + random.uniform(-precision, precision),
        )
        for number in range(READINGS)
    ]
    return pd.concat([table, *others], ignore_index=True)


def _answers(figure: Grid, settings: AnalyzeSettings) -> dict[str, np.ndarray]:
    """Ratios over the product by the name of the quantity, each of shape (tasks, combinations)."""
    additive = replace(figure, scores=summed(figure)[..., None])
    of = {"": figure, "_if_additive": additive}
    rule = {f"rule{which}": _by_rule(each, settings) for which, each in of.items()}
    return rule | {f"curves{which}": _by_curves(each, settings) for which, each in of.items()}


def _by_rule(figure: Grid, settings: AnalyzeSettings) -> np.ndarray:
    chosen = [choose(figure, task, scores[None], settings) for task, scores in enumerate(figure.means)]
    ratios = np.concatenate([of_task.ratio for of_task in chosen])
    return over_product(pooled(pick(ratios, figure.methods, PAPER_METHODS)), PAPER_METHODS)[:, -1]


def _by_curves(figure: Grid, settings: AnalyzeSettings) -> np.ndarray:
    table = of_tasks({"paper_mb": figure}, settings.confidence)
    ratios = table[table["range"] == POOLED].pivot(index="task", columns="method", values="ratio")
    return ratios.loc[figure.tasks, combinations(PAPER_METHODS)].to_numpy()
