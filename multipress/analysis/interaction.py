"""Do size reductions multiply? The ratio of a combination over the product of its single methods' ratios."""

from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis import verdicts
from multipress.analysis.experiment import Experiment, no_interval
from multipress.analysis.methods import combinations, combine, pick
from multipress.analysis.tables import INTERACTION
from multipress.analysis.verdicts import POOLED
from multipress.compression.subsets import NONE, parts


def pooled(ratios: np.ndarray) -> np.ndarray:
    """Append the geometric mean over architectures: shape (…, archs, k) → (…, archs + 1, k)."""
    mean = np.exp(np.log(ratios).mean(axis=-2, keepdims=True))
    return np.concatenate([ratios, mean], axis=-2)


def over_product(ratios: np.ndarray, methods: list[str]) -> np.ndarray:
    """Observed over product, above 1 where a combination gives more: (…, methods) → (…, combinations)."""
    return pick(ratios, methods, combinations(methods)) / combine(ratios, methods, np.prod)


def interaction(study: Experiment) -> pd.DataFrame:
    """A row for each architecture and ``pooled``, and each combination, with interval and verdict.

    ``n_seeds`` is that of the task with the fewest, ``n_models`` counts all that could be chosen or are compared with,
    ``fallbacks`` the tasks and methods where none qualified.
    """
    methods, archs = study.grid.methods, [*study.grid.archs, POOLED]
    ratios = pooled(study.ratios.observed)
    observed, product = pick(ratios, methods, combinations(methods)), combine(ratios, methods, np.prod)
    ratio = study.ratios.then(lambda values: over_product(pooled(values), methods))
    low, high = ratio.interval_of_ratio(study.settings.confidence)
    return pd.DataFrame(
        [
            {
                "arch": arch,
                "combination": name,
                "observed": observed[row, column],
                "product": product[row, column],
                "ratio": ratio.observed[row, column],
                "low": low[row, column],
                "high": high[row, column],
                "verdict": verdicts.ratio_verdict(low[row, column], high[row, column], study.settings.equivalence),
                **_support(study, row, name),
                "note": study.missing(_arch(study, row), [*parts(name), name])
                or study.undefined(row)
                or no_interval(study, low[row, column]),
            }
            for row, arch in enumerate(archs)
            for column, name in enumerate(combinations(methods))
        ],
        columns=INTERACTION.columns,
    )


def _support(study: Experiment, row: int, name: str) -> dict[str, Any]:
    """How many models a row rests on, and how often none qualified."""
    subsets = [*parts(name), name]
    arch = _arch(study, row)
    rows = slice(None) if arch is None else slice(arch, arch + 1)
    columns = [study.grid.methods.index(method) for method in subsets if method in study.grid.methods]
    failed = sum(int(chosen.fallback[0, rows][:, columns].sum()) for chosen in study.chosen)
    used = [recipe for method in [NONE, *subsets] for recipe in study.grid.curve(method)]
    return {
        "n_tasks": len(study.grid.tasks),
        "n_seeds": study.grid.n_seeds,
        "n_models": int((~np.isnan(study.grid.scores[:, :, used])).sum()),
        "fallbacks": failed,
    }


def _arch(study: Experiment, row: int) -> int | None:
    """The architecture of a row; None for the pooled one."""
    return row if row < len(study.grid.archs) else None
