"""Do size reductions multiply under the paper's rule? A combination's ratio over the product of the single ones.

Ratios are geometric means over tasks here, arithmetic ones in Table 1 alone. Verdicts are on what goes beyond
additivity: beyond the ratio that the rule gives where losses of score add up (``additive_null``).
"""

from typing import Any

import numpy as np
import pandas as pd

from multipress.analysis import verdicts
from multipress.analysis.additive_null import additive_null
from multipress.analysis.bootstrap import simultaneous
from multipress.analysis.experiment import Experiment, no_verdict, with_note_on_seeds
from multipress.analysis.holm import holm
from multipress.analysis.methods import combinations, combine, over_product, pick, pooled
from multipress.analysis.tables import INTERACTION
from multipress.analysis.verdicts import CAN_NOT_TELL, POOLED
from multipress.compression.subsets import NONE, parts


def interaction(study: Experiment) -> pd.DataFrame:
    """A row for each architecture and ``pooled``, and each combination, with interval and verdict.

    ``low`` and ``high`` hold for a row by itself, ``…_simultaneous`` for all pooled rows, or for all others, together,
    ``…_seeds`` for other seeds on these very tasks.
    ``expected_if_additive`` is the ratio where losses add up, ``p`` that of the ratio if they do, ``p_holm`` adjusted
    over the pooled rows, or over those of all architectures. ``n_seeds`` is that of the task with the fewest,
    ``n_models`` counts all that could be chosen or are compared with, ``fallbacks`` the tasks and methods where none
    qualified.
    """
    methods, archs, settings = study.grid.methods, [*study.grid.archs, POOLED], study.settings
    ratios = pooled(study.ratios.observed)
    observed, product = pick(ratios, methods, combinations(methods)), combine(ratios, methods, np.prod)
    ratio, of_seeds = (
        ratios.then(lambda values: over_product(pooled(values), methods))
        for ratios in (study.ratios, study.ratios_of_seeds)
    )
    low, high = ratio.interval_of_ratio(settings.confidence)
    all_low, all_high = simultaneous(ratio.interval_of_ratio, settings.confidence)
    seeds_low, seeds_high = of_seeds.interval_of_ratio(settings.confidence)
    null = additive_null(study)
    p = np.where(np.array([study.undefined(row) != "" for row in range(len(archs))])[:, None], np.nan, null.p)
    p_holm = np.vstack([holm(p[:-1].ravel()).reshape(p[:-1].shape), holm(p[-1])])
    rows = []
    for row, arch in enumerate(archs):
        for column, name in enumerate(combinations(methods)):
            at = row, column
            undecided = no_verdict(study, low[at], high[at]) or _untested(study, p[at])
            ends = low[at] / null.expected[at], high[at] / null.expected[at]
            found = verdicts.against_additivity(*ends, settings.equivalence, p_holm[at], 1 - settings.confidence)
            rows.append(
                {
                    **{"arch": arch, "combination": name, "observed": observed[at], "product": product[at]},
                    **{"ratio": ratio.observed[at], "low": low[at], "high": high[at]},
                    **{"low_simultaneous": all_low[at], "high_simultaneous": all_high[at]},
                    **{"low_seeds": seeds_low[at], "high_seeds": seeds_high[at]},
                    **{"expected_if_additive": null.expected[at], "p": p[at], "p_holm": p_holm[at]},
                    "verdict": CAN_NOT_TELL if undecided else found,
                    **_support(study, row, name),
                    "note": study.missing(_arch(study, row), [*parts(name), name]) or study.undefined(row) or undecided,
                }
            )
    return with_note_on_seeds(study.grid.n_seeds, pd.DataFrame(rows, columns=INTERACTION.columns))


def _untested(study: Experiment, p: float) -> str:
    """Why a ratio could not be held to additive losses; empty if it was."""
    if not np.isnan(p):
        return ""
    return (
        "no verdict: one seed tells nothing of noise"
        if study.grid.n_seeds < 2
        else "no verdict: where losses add up, a missing model would decide"
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
