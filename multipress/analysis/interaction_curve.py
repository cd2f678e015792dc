"""Do sizes multiply at equal score? How many times smaller each method is, by the distance of curves.

A recipe's curve has a model of each architecture. Several recipes of a method, such as two sparsities, count equally
(geometric mean), and are held to the single methods of the same strength: ``kd-mp60`` to ``kd`` and ``ft-mp60``. All
that is compared in a row is compared over the same scores.

Intervals for other seeds are from the jackknife (Efron and Stein 1981): how far distances move when each seed in turn
is left out of the means. Distances are continuous in scores, as that asks for; ratios of Table 1 are not.

Two questions are told apart. Do sizes multiply? Then the ratio over the product of the single methods is 1. Do methods
interact? Then it is another than where losses of score add up. That one is near 1, but not 1: where a method gives more
to some architectures than to others, its curve has another slope, and the same points are another distance there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from multipress.analysis.additive_null import without_interaction
from multipress.analysis.curves import Curve, common_range, log_times_smaller
from multipress.analysis.experiment import with_note_on_seeds
from multipress.analysis.grid import BASELINE, Grid
from multipress.analysis.listing import listed
from multipress.analysis.methods import single_recipes
from multipress.analysis.tables import INTERACTION_CURVE, INTERACTION_CURVE_PER_TASK
from multipress.analysis.verdicts import POOLED
from multipress.compression.subsets import parts

_KEYS = ["size", "range", "method"]
_ERRORS = ["error", "ratio_error"]
"""Columns of standard errors for other seeds, which the table of means needs and the published one does not have."""


@dataclass(frozen=True)
class _Distance:
    """Of a method from the uncompressed models, on one task and over one range of scores; NaN where ``note`` is set."""

    times_smaller: float = float("nan")
    product: float = float("nan")
    """Of its single methods; NaN for a single method."""
    low: float = float("nan")
    high: float = float("nan")
    note: str = ""


@dataclass(frozen=True)
class _Comparison:
    """A method's recipes and their single methods on one task, against the uncompressed models."""

    grid: Grid
    task: int
    method: str
    scores: np.ndarray
    """Points of shape (archs, recipes)."""

    @cached_property
    def recipes(self) -> dict[str, list[str]]:
        return compared(self.grid, self.method)

    @cached_property
    def names(self) -> list[str]:
        """All recipes that are compared."""
        held_to = [single for singles in self.recipes.values() for single in singles]
        return list(dict.fromkeys([BASELINE, *held_to, *self.recipes]))

    @cached_property
    def curves(self) -> dict[str, Curve]:
        return {name: self._curve(name) for name in self.names}

    def _curve(self, name: str) -> Curve:
        recipe = self.grid.recipes.index(name)
        return Curve.of(self.scores[:, recipe], self.grid.sizes[self.task, :, recipe])

    def missing(self) -> str:
        """Why there are no curves; empty if there are."""
        if self.grid.baseline is None:
            return f"no model is uncompressed ({BASELINE})"
        if len(self.grid.archs) < 2:
            return "one architecture makes no curve"
        if not self.recipes:
            return f"no recipe of {self.method} whose single methods are there at the same strength"
        places = [(arch, self.grid.recipes.index(name)) for name in self.names for arch in range(len(self.grid.archs))]
        return listed([gap for place in places if (gap := self.grid.lacks(self.task, *place))])

    def distances(self) -> Iterator[tuple[str, _Distance]]:
        """For each range of scores its name and the distance over it.

        The ranges are those between neighbours of the uncompressed curve, named after their architectures, and all
        scores that the curves have in common (``pooled``).
        """
        archs = list(pairwise(self.grid.archs))
        if missing := self.missing():
            yield from ((name, _Distance(note=missing)) for name in [*(_between(*pair) for pair in archs), POOLED])
            return
        low, high = common_range(list(self.curves.values()))
        for pair, (above, below) in zip(archs, pairwise(self.curves[BASELINE].scores[::-1]), strict=True):
            yield _between(*pair), self._over(max(low, below), min(high, above), f" between {' and '.join(pair)}")
        yield POOLED, self._over(low, high)

    def _over(self, low: float, high: float, where: str = "") -> _Distance:
        if low >= high:
            return _Distance(note=f"{self.grid.tasks[self.task]}: {', '.join(self.names)} share no scores{where}")
        logs = {name: log_times_smaller(self.curves[BASELINE], curve, low, high) for name, curve in self.curves.items()}
        times = np.mean([logs[name] for name in self.recipes])
        single = len(parts(self.method)) == 1
        product = np.nan if single else np.mean([sum(logs[each] for each in held) for held in self.recipes.values()])
        return _Distance(float(np.exp(times)), float(np.exp(product)), low, high)


def _between(larger: str, smaller: str) -> str:
    return f"{larger} to {smaller}"


def compared(grid: Grid, method: str) -> dict[str, list[str]]:
    """The recipes that stand for a method, each with its single methods; none for those of a single method.

    Those of which each architecture has any model, for a curve lacks none; if there are none, all.
    """
    held = {grid.recipes[recipe]: single_recipes(grid.recipes[recipe]) for recipe in grid.curve(method)}
    held = {name: singles for name, singles in held.items() if set(singles) <= set(grid.recipes)}
    held_by_all = ~np.isnan(grid.scores).all(axis=(0, 3)).any(axis=0)
    shared = {name for name, is_held in zip(grid.recipes, held_by_all, strict=True) if is_held}
    return {name: singles for name, singles in held.items() if {name, *singles} <= shared} or held


def of_tasks(grids: Mapping[str, Grid], confidence: float) -> pd.DataFrame:
    """A row for each definition of size, range of scores, task and method.

    ``times_smaller`` compares with the uncompressed models, over the scores from ``score_low`` to ``score_high``;
    ``product`` is that of the single methods over the same scores (NaN for a single method), ``ratio`` the one over the
    other. ``low_seeds`` and ``high_seeds`` are for other seeds on the same task, on as many degrees of freedom as the
    task has seeds, less one; so are those of the ratio. Standard errors for seeds are of logarithms.
    ``expected_if_additive`` is the ratio of scores that are fitted without the interaction.

    Args:
        grids: The results by the column of the size.
        confidence: That of the intervals, such as 0.95.
    """
    expected = {(size, method): _if_additive(grid, method) for size, grid in grids.items() for method in grid.methods}
    rows = [
        {"size": size, "task": grid.tasks[task], "method": method, **row}
        | {"expected_if_additive": expected[size, method].get((grid.tasks[task], row["range"]), np.nan)}
        for size, grid in grids.items()
        for task in range(len(grid.tasks))
        for method in grid.methods
        for row in _of_task(grid, task, method, confidence)
    ]
    return pd.DataFrame(rows, columns=[*INTERACTION_CURVE_PER_TASK.columns, *_ERRORS])


def _of_task(grid: Grid, task: int, method: str, confidence: float) -> Iterator[dict[str, Any]]:
    """The rows of a method on one task."""
    seeds = len(grid.seeds[task])
    found = list(_Comparison(grid, task, method, grid.means[task]).distances())
    left_out = [dict(_Comparison(grid, task, method, scores).distances()) for scores in _without_a_seed(grid, task)]
    for name, distance in found:
        others = [each[name] for each in left_out]
        times, ratio = distance.times_smaller, distance.times_smaller / distance.product
        error = jackknife_error(np.array([each.times_smaller for each in others]))
        ratio_error = jackknife_error(np.array([each.times_smaller / each.product for each in others]))
        ends = _ends(times, error, seeds - 1, confidence)
        ratio_ends = _ends(ratio, ratio_error, seeds - 1, confidence)
        yield {
            **{"range": name, "times_smaller": times, "low_seeds": ends[0], "high_seeds": ends[1]},
            **{"product": distance.product, "ratio": ratio},
            **{"ratio_low_seeds": ratio_ends[0], "ratio_high_seeds": ratio_ends[1]},
            **{"score_low": distance.low, "score_high": distance.high, "note": distance.note},
            **dict(zip(_ERRORS, (error, ratio_error), strict=True)),
        }


def _without_a_seed(grid: Grid, task: int) -> list[np.ndarray]:
    """Means over all seeds of a task but one, for each of them, of shape (archs, recipes); none with one seed."""
    seeds = range(len(grid.seeds[task]))
    if len(seeds) < 2:
        return []
    return [grid.scores[task][..., [each for each in seeds if each != seed]].mean(axis=-1) for seed in seeds]


def jackknife_error(values: np.ndarray) -> float:
    """The standard error of a quantity's logarithm, from its values without each seed; NaN where one is unknown."""
    count = len(values)
    return float(np.sqrt((count - 1) * np.log(values).var())) if count > 1 else float("nan")


def _ends(value: float, error: float, freedom: int, confidence: float) -> tuple[float, float]:
    """Student's interval about a logarithm."""
    factor = _exp(stdtrit(max(freedom, 1), (1 + confidence) / 2) * error)
    return value / factor, value * factor


def _exp(value: float) -> float:
    with np.errstate(over="ignore"):  # of two tasks or seeds, a high end can be infinite
        return float(np.exp(value))


def _if_additive(grid: Grid, method: str) -> dict[tuple[str, str], float]:
    """By task and range, a combination's ratio over the product where losses add up; empty for a single method."""
    if len(parts(method)) == 1:
        return {}
    fitted = without_interaction(grid, method)[..., None]
    additive = replace(grid, scores=fitted, seeds=[[0]] * len(grid.tasks))
    return {
        (grid.tasks[task], name): distance.times_smaller / distance.product
        for task in range(len(grid.tasks))
        for name, distance in _Comparison(additive, task, method, additive.means[task]).distances()
    }


def interaction_curve(per_task: pd.DataFrame, grids: Mapping[str, Grid], confidence: float) -> pd.DataFrame:
    """A row for each definition of size, range of scores and method: geometric means over tasks, Student's intervals.

    NaN where any task is open, as its note then says; ``n_tasks`` counts those that are not. The intervals of
    ``times_smaller`` and of ``ratio`` are for tasks as a sample; those with ``simultaneous`` hold for all methods of a
    size together, over all scores or else over all ranges (Bonferroni); those with ``seeds`` are for other seeds on
    these very tasks. ``n_seeds`` is that of the task with the fewest.

    Args:
        per_task: What ``of_tasks`` makes of the grids.
        grids: The results by the column of the size.
        confidence: That of the intervals, such as 0.95.
    """
    rows = []
    together = _counts(per_task)
    for (size, name, method), tasks in per_task.groupby(_KEYS, sort=False):
        grid = grids[size]
        of_all, of_ratios = (1 - (1 - confidence) / count for count in together[size, name])
        of_times = _numbers(tasks["times_smaller"], tasks[_ERRORS[0]], grid, confidence, of_all)
        of_ratio = _numbers(tasks["ratio"], tasks[_ERRORS[1]], grid, confidence, of_ratios)
        times, ratio = of_times.pop("mean"), of_ratio.pop("mean")
        row = {
            **{"size": size, "range": name, "method": method, "recipes": ", ".join(compared(grid, method))},
            **{"times_smaller": times, **of_times},
            **{"product": times / ratio, "ratio": ratio},
            **{f"ratio_{end}": value for end, value in of_ratio.items()},
            **{"n_tasks": int(tasks["times_smaller"].notna().sum()), "n_seeds": grid.n_seeds},
            "note": listed([note for note in tasks["note"].unique() if note]) or _no_interval(tasks),
        }
        rows.append(row)
    table = _in_order(pd.DataFrame(rows, columns=INTERACTION_CURVE.columns))
    return with_note_on_seeds(min(grid.n_seeds for grid in grids.values()), table)


def _counts(per_task: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """How many intervals of times smaller and of ratios hold together, by size and range, as verdicts ask them."""
    rows = per_task.drop_duplicates(_KEYS)
    combined = rows["method"].map(lambda method: len(parts(method)) > 1)
    return {
        (str(size), str(name)): (len(of_all), max(1, int(combined[of_all.index].sum())))
        for (size, name), of_all in rows.groupby(["size", "range"])
    }


def _numbers(values: pd.Series, errors: pd.Series, grid: Grid, confidence: float, together: float) -> dict[str, float]:
    """The geometric mean over tasks, and its intervals by the endings of their columns.

    Args:
        values: Those of tasks.
        errors: Standard errors of their logarithms for other seeds.
        grid: For the seeds.
        confidence: That of an interval.
        together: That of an interval of which several hold together.
    """
    mean, low, high = geometric_mean(values.to_numpy(), confidence)
    _, all_low, all_high = geometric_mean(values.to_numpy(), together)
    error = float(np.sqrt((errors.to_numpy() ** 2).sum()) / len(errors))
    freedom = sum(len(seeds) - 1 for seeds in grid.seeds)
    seeds_low, seeds_high = _ends(mean, error, freedom, confidence)
    return {
        **{"mean": mean, "low": low, "high": high},
        **{"low_simultaneous": all_low, "high_simultaneous": all_high},
        **{"low_seeds": seeds_low, "high_seeds": seeds_high},
    }


def _no_interval(tasks: pd.DataFrame) -> str:
    return "one task: no interval" if len(tasks) < 2 else ""


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """What is pooled comes first: it is the answer, and the ranges say how it comes about."""
    return table.sort_values("range", key=lambda names: names != POOLED, kind="stable", ignore_index=True)


def geometric_mean(values: np.ndarray, confidence: float) -> tuple[float, float, float]:
    """The geometric mean and the ends of Student's interval about its logarithm; NaN where they are not known."""
    logs, count = np.log(values), len(values)
    mean = logs.mean()
    reach = stdtrit(count - 1, (1 + confidence) / 2) * logs.std(ddof=1) / np.sqrt(count) if count > 1 else np.nan
    return _exp(mean), _exp(mean - reach), _exp(mean + reach)
