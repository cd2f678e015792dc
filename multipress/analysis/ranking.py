"""Which method first: the single methods ranked by how much each shrinks, at several accuracy budgets.

``ranking_size`` asks the other way around, for the best score at several sizes.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from multipress.analysis.bootstrap import Estimate
from multipress.analysis.experiment import Experiment, no_interval
from multipress.analysis.methods import pick, pooled, singles
from multipress.analysis.ratios import ROUNDING
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.tables import RANKING
from multipress.analysis.verdicts import POOLED


def ranking(study: Experiment) -> pd.DataFrame:
    """A row for each budget, architecture and ``pooled``, and single method.

    ``budget`` is the tolerance, in the study's kind; ``first`` the share of draws in which the method shrinks most,
    shared equally among those that tie. Budgets other than the study's are ranked by the same draws.
    """
    if not singles(study.grid.methods):
        return pd.DataFrame(columns=RANKING.columns)
    tolerances = dict.fromkeys([study.settings.tolerance, *study.settings.budgets])
    return pd.concat([_at(study, study.settings.model_copy(update={"tolerance": value})) for value in tolerances])


def _at(study: Experiment, settings: AnalyzeSettings) -> pd.DataFrame:
    at_budget, methods = replace(study, settings=settings), singles(study.grid.methods)
    ratios = study.ratios_within(settings).then(lambda values: pooled(pick(values, study.grid.methods, methods)))
    low, high = ratios.interval_of_ratio(settings.confidence)
    first = shares_first(ratios)
    rank = ranks(ratios.observed)
    return pd.DataFrame(
        [
            {
                "budget": settings.tolerance,
                "kind": settings.tolerance_kind,
                "arch": arch,
                "method": method,
                "ratio": ratios.observed[row, column],
                "low": low[row, column],
                "high": high[row, column],
                "rank": rank[row, column],
                "first": first[row, column],
                "note": at_budget.missing(None if arch == POOLED else row, [method])
                or study.undefined(row)
                or no_interval(study, low[row, column]),
            }
            for row, arch in enumerate([*study.grid.archs, POOLED])
            for column, method in enumerate(methods)
        ],
        columns=RANKING.columns,
    )


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks along the last axis; 1 is the most, what ties shares the better rank; NaN where any is unknown."""
    more = (values[..., None, :] > values[..., None]) & ~_ties(values[..., None, :], values[..., None])
    unknown = np.isnan(values).any(axis=-1, keepdims=True)
    return np.where(unknown, np.nan, 1.0 + more.sum(axis=-1))


def shares_first(values: Estimate) -> np.ndarray:
    """The share of draws in which each is the most along the last axis.

    Ties count in equal parts. NaN where any is unknown, and with fewer than two tasks, whose draws are all alike.
    """
    best = _ties(values.draws, values.draws.max(axis=-1, keepdims=True))
    shares = (best / np.maximum(best.sum(axis=-1, keepdims=True), 1)).mean(axis=0)
    unknown = np.isnan(values.observed).any(axis=-1) | np.isnan(values.draws).any(axis=(0, -1))
    if values.n_tasks < 2:
        unknown = np.ones_like(unknown)
    return np.where(unknown[..., None], np.nan, shares)


def _ties(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether ratios or scores differ by no more than rounding."""
    return np.isclose(first, second, rtol=1e-9, atol=ROUNDING)
