"""Do size reductions multiply? The ratio of a combination over the product of its single methods' ratios."""

from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis import verdicts
from multipress.analysis.experiment import Experiment, no_interval
from multipress.analysis.tables import INTERACTION
from multipress.analysis.verdicts import POOLED
from multipress.compression.recipes import METHODS

SINGLES = [method for method in METHODS if "+" not in method]
COMBINATIONS = [method for method in METHODS if "+" in method]


def pooled(ratios: np.ndarray) -> np.ndarray:
    """Append the geometric mean over architectures: shape (…, archs, k) → (…, archs + 1, k)."""
    mean = np.exp(np.log(ratios).mean(axis=-2, keepdims=True))
    return np.concatenate([ratios, mean], axis=-2)


def products(ratios: np.ndarray) -> np.ndarray:
    """The product of the single methods' ratios for each combination: (…, methods) → (…, combinations)."""
    parts = [[METHODS.index(single) for single in name.split("+")] for name in COMBINATIONS]
    return np.stack([ratios[..., places].prod(axis=-1) for places in parts], axis=-1)


def observed(ratios: np.ndarray) -> np.ndarray:
    """The ratios of the combinations: (…, methods) → (…, combinations)."""
    return ratios[..., [METHODS.index(name) for name in COMBINATIONS]]


def over_product(ratios: np.ndarray) -> np.ndarray:
    """Observed over product, above 1 where a combination gives more: (…, methods) → (…, combinations)."""
    return observed(ratios) / products(ratios)


def interaction(study: Experiment) -> pd.DataFrame:
    """A row for each architecture and ``pooled``, and each combination, with interval and verdict.

    ``n_seeds`` is that of the task with the fewest, ``n_models`` counts all that could be chosen or are compared with,
    ``fallbacks`` the tasks and methods where none qualified.
    """
    ratios = pooled(study.ratios.observed)
    ratio = study.ratios.then(lambda values: over_product(pooled(values)))
    low, high = ratio.interval_of_ratio(study.settings.confidence)
    archs = [*study.grid.archs, POOLED]
    return pd.DataFrame(
        [
            {
                "arch": arch,
                "combination": name,
                "observed": observed(ratios)[row, column],
                "product": products(ratios)[row, column],
                "ratio": over_product(ratios)[row, column],
                "low": low[row, column],
                "high": high[row, column],
                "verdict": verdicts.ratio_verdict(low[row, column], high[row, column], study.settings.equivalence),
                **_support(study, row, name),
                "note": study.missing(_place(study, row), [*name.split("+"), name])
                or no_interval(study, low[row, column]),
            }
            for row, arch in enumerate(archs)
            for column, name in enumerate(COMBINATIONS)
        ],
        columns=INTERACTION.columns,
    )


def _support(study: Experiment, row: int, name: str) -> dict[str, Any]:
    """On how much it rests, and how often no model qualified."""
    subsets = [*name.split("+"), name]
    arch = _place(study, row)
    rows = slice(None) if arch is None else slice(arch, arch + 1)
    columns = [METHODS.index(method) for method in subsets]
    failed = sum(int(chosen.fallback[0, rows][:, columns].sum()) for chosen in study.chosen)
    used = [place for method in ["none", *subsets] for place in study.grid.curve(method)]
    return {
        "n_tasks": len(study.grid.tasks),
        "n_seeds": study.grid.n_seeds,
        "n_models": int((~np.isnan(study.grid.scores[:, :, used])).sum()),
        "fallbacks": failed,
    }


def _place(study: Experiment, row: int) -> int | None:
    return row if row < len(study.grid.archs) else None
