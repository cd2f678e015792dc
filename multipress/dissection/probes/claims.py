"""Whether complex information goes first, as Movva and Zhao (2020) found in translation: probes of pruned models.

What a pruned model keeps of a probe is its accuracy above the majority's label, as a share of the dense model's; both
are means over the layers above the embeddings. The area under that against sparsity, from 0 to the highest, is 1 where
pruning costs nothing. A probe counts on a task where the lower end of the dense model's interval is above the
majority in every seed, in the mean over layers: elsewhere there is nothing to be lost.
"""

from collections.abc import Callable, Iterator, Mapping
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from multipress.compression.recipes import NO_VARIANTS, Step, Variants, sparsity, steps
from multipress.dissection.probes.settings import UNTRAINED
from multipress.dissection.probes.tables import PROBE_CLAIMS

_CONFIDENCE = 0.95

_ORDER = ["surface", "syntax", "semantics"]

_FIRST = "semantics goes first"

_Areas = Mapping[str, float]
"""By kind."""

_QUANTITIES: dict[str, Callable[[_Areas], float]] = {
    "kept of surface": lambda areas: areas["surface"],
    "kept of syntax": lambda areas: areas["syntax"],
    "kept of semantics": lambda areas: areas["semantics"],
    "syntax goes before surface": lambda areas: areas["surface"] - areas["syntax"],
    "semantics goes before syntax": lambda areas: areas["syntax"] - areas["semantics"],
    _FIRST: lambda areas: min(areas["surface"], areas["syntax"]) - areas["semantics"],
}
"""Areas, and claims, which hold where their number is above 0."""


def probe_claims(probes: pd.DataFrame, variants: Variants = NO_VARIANTS) -> pd.DataFrame:
    """The claims for each architecture and each way in which a recipe starts.

    Args:
        probes: The table of all models.
        variants: The steps that variants in recipes vary.
    """
    found = probes.dropna(subset=["accuracy"])
    rows: list[dict[str, Any]] = []
    for arch, models in found.groupby("arch", sort=False):
        for start, ladder in _ladders(list(models["recipe"].unique()), variants).items():
            rows += [{"arch": arch, "start": start} | row for row in _of_ladder(models, start, ladder)]
    table = pd.DataFrame(rows, columns=list(PROBE_CLAIMS.columns))
    return table.astype({"n_tasks": "Int64", "n_seeds": "Int64"})


def _ladders(names: list[str], variants: Variants) -> dict[str, dict[str, float]]:
    """Of each start, the recipes that are pruned and nothing else, with their sparsities; the start itself has 0."""
    found: dict[str, dict[str, float]] = {}
    for name in (name for name in names if name != UNTRAINED):
        first, *others = steps(name, variants)
        if not others:
            found.setdefault(first.name, {})[name] = 0.0
        elif len(others) == 1 and _is_plain_pruning(others[0]) and not first.is_variant:
            found.setdefault(first.name, {})[name] = sparsity(name, variants)
    return {start: dict(sorted(each.items(), key=lambda item: item[1])) for start, each in found.items()}


def _is_plain_pruning(step: Step) -> bool:
    return step.method.name == "prune" and not (step.is_variant or step.is_control)


def _of_ladder(models: pd.DataFrame, start: str, ladder: dict[str, float]) -> Iterator[dict[str, Any]]:
    areas, left_out = _areas(models, start, ladder)
    for claim, quantity in _QUANTITIES.items():
        needed = _ORDER if claim == _FIRST else [kind for kind in _ORDER if kind in claim]
        asked = areas.reindex(columns=needed).dropna()
        by_seed = asked.groupby("seed").mean() if len(asked) else asked
        row: dict[str, Any] = {"claim": claim, "recipes": " ".join(ladder), "n_seeds": len(by_seed)}
        row["n_tasks"] = asked.index.get_level_values("task").nunique() if len(asked) else 0
        if len(by_seed):
            row |= _estimate(np.array([quantity(each) for each in by_seed.to_dict("records")]))
        if not claim.startswith("kept"):
            row["verdict"] = _verdict(row.get("low"), row.get("high"))
        notes = [*_reasons(ladder, needed, set(areas.columns), len(by_seed)), *left_out]
        yield {"verdict": ""} | row | {"note": "; ".join(notes)}


def _reasons(ladder: dict[str, float], needed: list[str], kinds: set[str], n_seeds: int) -> Iterator[str]:
    """Why there is no number, or no interval."""
    if len(ladder) < 2:
        yield "no probed recipe is pruned and nothing else"
    elif missing := [kind for kind in needed if kind not in kinds]:
        yield f"no probe of {' and '.join(missing)} finds anything in the dense model"
    elif n_seeds == 0:
        yield f"on no task probes of {' and '.join(needed)} find anything in the dense model"
    elif n_seeds == 1:
        yield "one seed: no interval"


def _areas(models: pd.DataFrame, start: str, ladder: dict[str, float]) -> tuple[pd.DataFrame, list[str]]:
    """The area of each kind, by task and seed, and what was left out of them; no rows without a ladder.

    Whether a probe counts is asked of a task's seeds together: so the same probes are averaged in each of them.
    """
    own = models[models["recipe"].isin(ladder) & (models["layer"] > 0)]
    if len(ladder) < 2 or own.empty:
        return pd.DataFrame(), []
    keys = ["task", "seed", "probe", "kind"]
    above = (own["accuracy"] - own["majority"]).groupby([own[key] for key in [*keys, "recipe"]]).mean().unstack()
    above = above.reindex(columns=list(ladder))
    complete = above.dropna()
    of_dense = own[own["recipe"] == start]
    above_majority = (of_dense["low"] - of_dense["majority"]).groupby(
        [of_dense[key] for key in ("task", "probe", "seed")]
    )
    sure = above_majority.mean().groupby(["task", "probe"]).min() > 0
    judged = complete.index.droplevel(["seed", "kind"])
    found = complete[sure.reindex(judged).to_numpy(bool)]
    notes = [f"{len(above) - len(complete)} probes of seeds without all of these recipes are left out"]
    notes = [*(notes if len(above) > len(complete) else []), *_blind(sure[sure.index.isin(judged)])]
    kept = found.div(found[start], axis="index")
    sparsities = np.array(list(ladder.values()))
    area = pd.Series(np.trapezoid(kept.to_numpy(), sparsities, axis=1) / sparsities[-1], index=kept.index)
    return area.groupby(["task", "seed", "kind"]).mean().unstack("kind"), notes


def _blind(sure: pd.Series) -> Iterator[str]:
    """Which probes find nothing, and where that is not so on all tasks, on which."""
    names = []
    for probe, of_tasks in sure.groupby("probe"):
        tasks = [task for (task, _), finds in of_tasks.items() if not finds]
        if tasks:
            names.append(f"{probe}" if len(tasks) == len(of_tasks) else f"{probe} ({', '.join(tasks)})")
    if names:
        yield f"in the dense model nothing is found by {', '.join(names)}"


def _estimate(values: np.ndarray) -> dict[str, float]:
    """Mean over seeds, and, of several, an interval for other seeds on these tasks."""
    mean = float(values.mean())
    if len(values) == 1:
        return {"estimate": mean}
    half = float(stdtrit(len(values) - 1, (1 + _CONFIDENCE) / 2)) * float(values.std(ddof=1)) / sqrt(len(values))
    return {"estimate": mean, "low": mean - half, "high": mean + half}


def _verdict(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "can't tell"
    return "yes" if low > 0 else "no" if high < 0 else "can't tell"
