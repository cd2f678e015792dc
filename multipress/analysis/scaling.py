"""What each step changes in the score, and how that changes with the model's size: one mixed model of all scores.

The fixed effects are those of the factorial design, each at the mean size and for each doubling of size: the steps of
recipes and their interactions, times (1, log2 of size). Size is that of the architecture's uncompressed model, not of
the model itself, so that an effect compares scores at equal architecture: by its own size, a compressed model would be
compared with a smaller architecture, and what it gains in size would be mixed into its effect. Log sizes are centred
over architectures, so that terms without ``log2_size`` are means over architectures.

Random are the effects of tasks and of task:arch, and, of each task, those of each method and of each recipe: what a
method does on further tasks is not known better for having been measured on more models of the same ones. Scores are
means over seeds. An effect of task:seed moves all models of a task alike, so that in these means it is part of the
task's, and what seeds of one model have in common, such as the rows of the dev set, is part of the residual: estimates
and intervals of steps are those of the model of single scores with random effects of task:seed and task:arch:recipe,
which takes several times as long to fit. All tasks share slopes; if theirs differ, intervals of slopes are too narrow.

Estimates are those of restricted maximum likelihood, by statsmodels (Lindstrom and Bates 1988); intervals and p-values
are Student's, on as many degrees of freedom as there are tasks, less one.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import root
from scipy.special import stdtr, stdtrit

from multipress.analysis.experiment import Experiment
from multipress.analysis.grid import BASELINE, Grid
from multipress.analysis.listing import listed
from multipress.analysis.ratios import ROUNDING
from multipress.analysis.tables import SCALING
from multipress.compression import recipes

SIZE = "log2_size"
INTERCEPT = "intercept"
_NO_VARIANCE = 1e-3
"""Over the residual's: a random effect with less is left out."""

_FLAT = 0.01
"""Log likelihood that random effects without variance may add."""

_AT_MAXIMUM = 1e-6
"""The derivative of the log likelihood by a standard deviation over the residual's, at most."""


@dataclass(frozen=True)
class Design:
    """The rows of the model: a score, the mean over seeds, for each model of the recipes that lack none."""

    columns: np.ndarray
    """Fixed effects, of shape (models, 2 * recipes): each recipe's steps together, then the same times log2 of size."""
    scores: np.ndarray
    """Points."""
    tasks: np.ndarray
    """Index of each model's task."""
    groups: Mapping[str, np.ndarray]
    """The random effects: for each model the level, within its task."""


@dataclass(frozen=True)
class Fit:
    """The fixed effects, in the order of the design's columns; NaN where ``note`` is set."""

    effects: np.ndarray
    """Points."""
    errors: np.ndarray
    variances: Mapping[str, float]
    """Of each random effect, over that of the residual."""
    note: str = ""


def scaling(study: Experiment) -> pd.DataFrame:
    """A row for each term: the intercept, the steps of each recipe together, and each of them times log2 of size.

    ``estimate`` is in points, of a term with ``log2_size`` in points for each doubling. That of several steps is what
    they add beyond all fewer of them. ``n_models`` counts the scores of the recipes that a term compares.
    """
    grid = study.grid
    complete = [recipe for recipe in range(len(grid.recipes)) if not _gaps(grid, recipe)]
    sizes = log_sizes(grid)
    design = design_of(grid, complete, sizes)
    fitted = fit(design)
    with_size = _no_size(grid, sizes)
    rows = []
    for of_size in (False, True):
        for recipe in range(len(grid.recipes)):
            held_to = less(grid.recipes[recipe])
            lacking = _lacking(grid, held_to) or (with_size if of_size else "") or fitted.note
            column = complete.index(recipe) + of_size * len(complete) if not lacking else None
            rows.append(
                {
                    "term": term(grid.recipes[recipe], of_size),
                    **_numbers(study, fitted, column),
                    "n_models": _count(grid, held_to),
                    "n_tasks": len(grid.tasks),
                    "n_archs": len(grid.archs),
                    "n_seeds": grid.n_seeds,
                    "note": lacking or study.undefined(len(grid.archs)),
                }
            )
    return pd.DataFrame(rows, columns=SCALING.columns)


def term(recipe: str, of_size: bool) -> str:
    """The name of a recipe's steps together, such as ``kd:mp60`` or ``kd:log2_size``."""
    steps = [step for step in recipes.parse(recipe) if step != BASELINE] + [SIZE] * of_size
    return ":".join(steps) or INTERCEPT


def less(recipe: str) -> list[str]:
    """The recipe and all that have some of its steps: those that its interaction compares."""
    found = {recipe: None}
    for name in recipes.parse(recipe):
        if name != BASELINE:
            found |= dict.fromkeys(recipes.without(each, name) for each in list(found))
    return list(found)


def log_sizes(grid: Grid) -> np.ndarray:
    """Log2 of the size in MB of each architecture's uncompressed model, less the mean; zeros where one is unknown."""
    if grid.baseline is None:
        return np.zeros(len(grid.archs))
    sizes = grid.sizes[:, :, grid.baseline].mean(axis=0)
    if (sizes == 0).any():
        return np.zeros(len(grid.archs))
    logs = np.log2(sizes)
    return np.asarray(logs - logs.mean())


def design_of(grid: Grid, complete: list[int], sizes: np.ndarray) -> Design:
    """The model's rows, for these recipes; sizes are those of ``log_sizes``."""
    steps = [set(recipes.parse(recipe)) - {BASELINE} for recipe in grid.recipes]
    task, arch, recipe = np.nonzero(~np.isnan(grid.means) & np.isin(range(len(steps)), complete))
    together = np.array([[steps[one] <= steps[other] for one in complete] for other in range(len(steps))], dtype=float)
    columns = together.reshape(len(steps), len(complete))[recipe]
    groups = {
        "task": np.zeros_like(task),
        "task:arch": arch,
        **{f"task:{label}": of_recipes[recipe] for label, of_recipes in _of_methods(grid).items()},
        "task:recipe": recipe,
    }
    return Design(
        columns=np.hstack([columns, columns * sizes[arch][:, None]]) if sizes.any() else columns,
        scores=grid.means[task, arch, recipe],
        tasks=task,
        groups=_told_apart(task, groups),
    )


def _of_methods(grid: Grid) -> dict[str, np.ndarray]:
    """For each method the step that each recipe has of it, as a number; 0 for none."""
    steps = [{step.label: step.name for step in recipes.steps(name) if step.label} for name in grid.recipes]
    labels = dict.fromkeys(label for of_recipe in steps for label in of_recipe)
    return {
        label: np.unique([of_recipe.get(label, "") for of_recipe in steps], return_inverse=True)[1] for label in labels
    }


def _told_apart(tasks: np.ndarray, groups: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The random effects that scores can tell from each other and from the residual."""
    kept: dict[str, np.ndarray] = {}
    seen = [np.arange(len(tasks))]
    for name, group in groups.items():
        levels = _levels(tasks, group)
        if not any(np.array_equal(levels, other) for other in seen):
            kept[name] = group
            seen.append(levels)
    return kept


def _levels(tasks: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The row with which each row's level begins: equal where two effects have the same levels."""
    _, first, level = np.unique(np.column_stack([tasks, group]), axis=0, return_index=True, return_inverse=True)
    return np.asarray(first[level.ravel()])


def fit(design: Design) -> Fit:
    """Fit the model; where that can not be done the note says why."""
    if len(np.unique(design.tasks)) < 2:
        return _no_fit(design, "one task says nothing of others")
    if _is_exact(design):
        return _no_fit(design, "no fit: scores differ by nothing but these terms and their task")
    try:
        found = _maximum(design)
    except (np.linalg.LinAlgError, ValueError):
        return _no_fit(design, "no fit: the model is singular")
    return found or _no_fit(design, "no fit: the likelihood's maximum was not found")


def _no_fit(design: Design, note: str) -> Fit:
    unknown = np.full(design.columns.shape[1], np.nan)
    return Fit(unknown, unknown, {}, note)


def _is_exact(design: Design) -> bool:
    """Whether the fixed effects and the tasks' means leave nothing of the scores."""
    of_tasks = (design.tasks[:, None] == np.unique(design.tasks)).astype(float)
    everything = np.hstack([design.columns, of_tasks])
    fitted = everything @ np.linalg.lstsq(everything, design.scores, rcond=None)[0]
    return bool(np.abs(design.scores - fitted).max(initial=0) < ROUNDING)


def _maximum(design: Design) -> Fit | None:
    """The maximum of the restricted likelihood; None where it is not found.

    Powell's method finds it roughly, whatever variances are 0. Without these, it is where the derivatives are 0, which
    is found to the last digits: the tables of an audit on another machine must be the same.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a variance is 0 is no fault
        model = _model(design)
        rough = model.fit(reml=True, method=["powell"])
        variances = dict(zip(design.groups, rough.vcomp / rough.scale, strict=True))
        kept = {name: group for name, group in design.groups.items() if variances[name] >= _NO_VARIANCE}
        if not kept:
            return Fit(*_without_groups(design), {})
        model = _model(replace(design, groups=kept))
        near = _fit_from(model, np.sqrt([variances[name] for name in kept]))
        exact = _fit_from(model, root(model.score, np.sqrt(near.vcomp / near.scale), tol=1e-12).x)
        deviations = np.sqrt(exact.vcomp / exact.scale)
        is_maximum = np.abs(model.score(deviations)).max() < _AT_MAXIMUM and exact.llf > rough.llf - _FLAT
        known = np.isfinite(exact.bse_fe).all()
    if not (is_maximum and known):
        return None
    return Fit(np.asarray(exact.fe_params), np.asarray(exact.bse_fe), dict(zip(kept, deviations**2, strict=True)))


def _statsmodels() -> ModuleType:
    """Its mixed models. They take half a second to import, which jobs that only read tables need not spend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a later pandas will not have, and filters of its own
        from statsmodels.regression import mixed_linear_model
    return mixed_linear_model  # type: ignore[no-any-return]


def _model(design: Design) -> Any:
    """Statsmodels' model of the design, in which the tasks are the groups."""
    of_tasks = [design.tasks == task for task in np.unique(design.tasks)]
    members = [[_indicators(group[of_task]) for of_task in of_tasks] for group in design.groups.values()]
    names = [[[f"{level}" for level in range(each.shape[1])] for each in matrices] for matrices in members]
    statsmodels = _statsmodels()
    random = statsmodels.VCSpec(list(design.groups), names, members)
    return statsmodels.MixedLM(design.scores, design.columns, design.tasks, exog_vc=random)


def _fit_from(model: Any, deviations: np.ndarray) -> Any:
    """The fit that starts at these standard deviations over the residual's; at a maximum it stays there."""
    start = _statsmodels().MixedLMParams.from_components(fe_params=np.zeros(model.k_fe), vcomp=deviations**2)
    return model.fit(reml=True, start_params=start, method=["lbfgs"])


def _without_groups(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Effects and errors by least squares."""
    columns, scores = design.columns, design.scores
    effects = np.linalg.lstsq(columns, scores, rcond=None)[0]
    variance = ((scores - columns @ effects) ** 2).sum() / (len(scores) - columns.shape[1])
    return effects, np.sqrt(variance * np.diag(np.linalg.inv(columns.T @ columns)))


def _indicators(levels: np.ndarray) -> np.ndarray:
    """A column for each level: shape (rows, levels)."""
    return (levels[:, None] == np.unique(levels)).astype(float)


def _numbers(study: Experiment, fitted: Fit, column: int | None) -> dict[str, float]:
    """Estimate, interval and p-value of a term; NaN where it has no column or scores tell no model from another."""
    if column is None:
        return dict.fromkeys(["estimate", "standard_error", "low", "high", "p"], float("nan"))
    estimate, freedom = fitted.effects[column], len(study.grid.tasks) - 1
    error = float("nan") if study.undefined(len(study.grid.archs)) else fitted.errors[column]
    reach = stdtrit(freedom, (1 + study.settings.confidence) / 2) * error
    return {
        "estimate": estimate,
        "standard_error": error,
        "low": estimate - reach,
        "high": estimate + reach,
        "p": 2 * stdtr(freedom, -abs(estimate / error)),
    }


def _gaps(grid: Grid, recipe: int) -> list[str]:
    return [gap for arch in range(len(grid.archs)) for gap in grid.gaps(arch, recipe)]


def _lacking(grid: Grid, held_to: list[str]) -> str:
    """What the recipes that a term compares lack; empty if nothing."""
    absent = [f"no results of {name}" for name in held_to if name not in grid.recipes]
    present = [grid.recipes.index(name) for name in held_to if name in grid.recipes]
    return listed(absent + [gap for recipe in present for gap in _gaps(grid, recipe)])


def _no_size(grid: Grid, sizes: np.ndarray) -> str:
    """Why there are no terms of size; empty if there are."""
    if sizes.any():
        return ""
    if grid.baseline is None:
        return f"no model is uncompressed ({BASELINE})"
    one = "one architecture" if len(grid.archs) == 1 else "architectures of one size"
    return f"{one}: no effect of size"


def _count(grid: Grid, held_to: list[str]) -> int:
    present = [grid.recipes.index(name) for name in held_to if name in grid.recipes]
    return int((~np.isnan(grid.scores[:, :, present])).sum())
