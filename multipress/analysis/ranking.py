"""Which method first: the single methods ranked by how much each shrinks, at several accuracy budgets."""

from dataclasses import replace

import numpy as np
import pandas as pd

from multipress.analysis.bootstrap import Estimate
from multipress.analysis.interaction import POOLED, SINGLES, no_interval, pooled
from multipress.analysis.ratios import METHODS
from multipress.analysis.study import Study
from multipress.config.analyze import AnalyzeSettings

_COLUMNS = [METHODS.index(method) for method in SINGLES]


def ranking(study: Study) -> pd.DataFrame:
    """A row for each budget, architecture and ``pooled``, and single method.

    ``budget`` is the tolerance, in the study's kind; ``first`` the share of draws in which the method shrinks most,
    shared equally among those that tie. Budgets other than the study's are ranked by the same draws.
    """
    tolerances = dict.fromkeys([study.settings.tolerance, *study.settings.budgets])
    return pd.concat([_at(study, study.settings.model_copy(update={"tolerance": value})) for value in tolerances])


def _at(study: Study, settings: AnalyzeSettings) -> pd.DataFrame:
    at_budget = replace(study, settings=settings)
    ratios = study.ratios_within(settings).then(lambda values: pooled(values)[..., _COLUMNS])
    low, high = ratios.interval_of_ratio(settings.confidence)
    first = shares_first(ratios)
    ranks = pd.DataFrame(ratios.observed).rank(axis="columns", ascending=False, method="min", na_option="keep")
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
                "rank": _rank(ranks.iloc[row], column),
                "first": first[row, column],
                "note": at_budget.missing(None if arch == POOLED else row, [method])
                or no_interval(study, low[row, column]),
            }
            for row, arch in enumerate([*study.grid.archs, POOLED])
            for column, method in enumerate(SINGLES)
        ]
    )


def _rank(ranks: pd.Series, column: int) -> float:
    """1 is the method that shrinks most; methods that tie share a rank. NaN where any method is unknown."""
    return float("nan") if ranks.isna().any() else float(ranks.iloc[column])


def shares_first(ratios: Estimate) -> np.ndarray:
    """The share of draws in which each method is first; ties count in equal parts; NaN where any is unknown."""
    best = np.isclose(ratios.draws, ratios.draws.max(axis=-1, keepdims=True), rtol=1e-9, atol=0)
    shares = (best / np.maximum(best.sum(axis=-1, keepdims=True), 1)).mean(axis=0)
    unknown = np.isnan(ratios.observed).any(axis=-1) | np.isnan(ratios.draws).any(axis=(0, -1))
    if ratios.n_tasks < 2:
        unknown[:] = True
    return np.where(unknown[..., None], np.nan, shares)
