"""What remains of each effect where the models that are compared are trained for as many steps, by their controls.

``effects`` compares a model with what it was made from, which was trained for fewer steps: what it says of a step is
the sum of the compression and of that further training. Here a control takes the place of the latter model, trained as
long without the compression (``multipress.compression.controls``).
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from multipress.analysis.experiment import Experiment, no_interval
from multipress.analysis.grid import BASELINE
from multipress.analysis.listing import listed
from multipress.analysis.score_losses import averaged
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.tables import EFFECTS_MATCHED
from multipress.analysis.verdicts import POOLED
from multipress.compression import recipes
from multipress.compression.controls import KD, control_of, labels_alone, variants_in
from multipress.compression.recipes import Step

MOST_APART = 0.01
"""Share by which the steps of a model and of its control may differ without a word."""


class Pair(NamedTuple):
    """Two recipes: the score of the first less that of the second."""

    recipe: str
    less: str


class Comparison(NamedTuple):
    """An effect as the arms of the study have it, and against its controls; of two pairs, the difference."""

    effect: str
    raw: tuple[Pair, ...]
    matched: tuple[Pair, ...]
    """Empty where a method has no control."""

    @property
    def recipe(self) -> str:
        """The model whose effect it is."""
        return self.raw[0].recipe


def comparisons(designed: Sequence[str]) -> list[Comparison]:
    """All that follow from the recipes of a designed experiment, in their order."""
    found = [each for recipe in designed for each in _of_last_step(recipe)]
    if KD not in designed:
        return found
    later = [recipe for recipe in designed if recipes.parent(recipe) == KD]
    return [*_OF_DISTILLATION, *found, *map(_of_later_teacher, later)]


def _simple(effect: str, recipe: str, without: str, control: str) -> Comparison:
    return Comparison(effect, (Pair(recipe, without),), (Pair(recipe, control),))


LONGER = "ftl"
"""The control that is fine-tuned as long as ``kd``."""

_OF_DISTILLATION = [
    _simple("KD and augmented rows", KD, BASELINE, LONGER),
    _simple("KD, on augmented rows", KD, BASELINE, "fta"),
    _simple("KD, on original rows", "kdo", BASELINE, LONGER),
    _simple("augmented rows, with KD", KD, BASELINE, "kdo"),
    _simple("augmented rows, with labels", "fta", BASELINE, LONGER),
    Comparison(
        "KD x augmented rows",
        (Pair(KD, "kdo"), Pair("fta", BASELINE)),
        (Pair(KD, "kdo"), Pair("fta", LONGER)),
    ),
]


def _against_baseline(comparison: Comparison) -> Comparison:
    """The same with ``ft`` in place of the control that is fine-tuned longer."""
    pairs = (Pair(pair.recipe, BASELINE if pair.less == LONGER else pair.less) for pair in comparison.matched)
    return comparison._replace(matched=tuple(pairs))


def _of_last_step(recipe: str) -> Iterator[Comparison]:
    """The effect of a recipe's last step, and what it has beyond that effect without each of the earlier steps."""
    *before, last = recipes.steps(recipe)
    if not before:
        return
    raw, matched = _pair(recipe), _pair(recipe, last)
    yield Comparison(last.label, (raw,), (matched,) if matched else ())
    for step in before:
        if step.name != BASELINE:
            other = recipes.without(recipe, step.name)
            pairs = [matched, _pair(other, last)]
            effect = f"{step.label} x {last.label}"
            yield Comparison(effect, (raw, _pair(other)), tuple(pairs) if matched else ())


def _pair(recipe: str, last: Step | None = None) -> Any:
    """A recipe and its parent; with its last step, the control of that step on the parent, None if there is none."""
    parent = recipes.parent(recipe) or ""
    if last is None:
        return Pair(recipe, parent)
    control = control_of(last)
    return Pair(recipe, f"{parent}-{control}") if control else None


def _of_later_teacher(recipe: str) -> Comparison:
    """What the teacher gives in the step after ``kd``: both models are of the study, and of as many steps."""
    control = f"{KD}-{labels_alone(recipe.rpartition('-')[2])}"
    return _simple("KD in the later step", recipe, control, control)


def with_controls(results: pd.DataFrame, designed: Sequence[str]) -> pd.DataFrame:
    """The rows of a designed experiment and of its controls; empty where it has none."""
    used = {name for each in comparisons(designed) for pair in (*each.raw, *each.matched) for name in pair}
    found = results[results["recipe"].isin(used | set(designed))]
    return found if set(found["recipe"]) - set(designed) else found.iloc[:0]


def effects_matched(results: pd.DataFrame, designed: Sequence[str], settings: AnalyzeSettings) -> pd.DataFrame:
    """A row for each architecture and ``pooled``, and each comparison; none where the results have no controls.

    ``raw`` is the effect as ``effects`` has it, ``matched`` that against the control, in points, with their intervals.
    ``without`` and ``control`` say what is taken off the recipe's score. Beyond the sum, an effect is a difference of
    differences: off a recipe goes ``kd-mp0 + (ft-mp60 - ft-mp0)``. Where ``kd`` takes as many steps as ``ft`` and there
    is no ``ftl``, that would be ``ft`` again, and takes its place. Steps are those of the whole lineage, means over
    tasks, seeds and architectures; ``note`` tells where those of a pair differ by more than 1 %.

    Args:
        results: What ``with_controls`` makes.
        designed: The recipes of the designed experiment.
        settings: Of the intervals.
    """
    if results.empty:
        return pd.DataFrame(columns=EFFECTS_MATCHED.columns)
    study = Experiment.of(results, settings, variants=variants_in(list(results["recipe"].unique())))
    steps = _Steps(results)
    found = comparisons([recipe for recipe in study.grid.recipes if recipe in designed])
    if LONGER not in study.grid.recipes and steps.apart(POOLED, Pair(KD, BASELINE)) <= MOST_APART:
        found = [_against_baseline(each) for each in found]
    raw, matched = (_Contrasts(study, [getattr(each, kind) for each in found]) for kind in ("raw", "matched"))
    return pd.DataFrame(
        [
            {
                "arch": arch,
                "effect": comparison.effect,
                "recipe": comparison.recipe,
                "without": _taken_off(comparison.raw),
                **raw.at(row, column, ("raw", "raw_low", "raw_high")),
                "control": _taken_off(comparison.matched),
                **matched.at(row, column, ("matched", "low", "high")),
                "steps": steps.of(arch, comparison.recipe),
                "steps_without": steps.of(arch, comparison.raw[0].less),
                "steps_control": steps.of(arch, comparison.matched[0].less) if comparison.matched else np.nan,
                "n_tasks": len(study.grid.tasks),
                "n_seeds": study.grid.n_seeds,
                "note": _note(study, row, comparison, steps, matched.low[row, column]),
            }
            for row, arch in enumerate([*study.grid.archs, POOLED])
            for column, comparison in enumerate(found)
        ],
        columns=EFFECTS_MATCHED.columns,
    )


class _Contrasts:
    """Differences of pairs as observed, of shape (archs + 1, comparisons), and their intervals."""

    def __init__(self, study: Experiment, chosen: Sequence[tuple[Pair, ...]]) -> None:
        indices = {name: index for index, name in enumerate(study.grid.recipes)}

        def contrasts(scores: np.ndarray) -> np.ndarray:
            found = np.full((*scores.shape[:-1], len(chosen)), np.nan)
            for column, pairs in enumerate(chosen):
                if pairs and all(name in indices for pair in pairs for name in pair):
                    first, *others = (scores[..., indices[more]] - scores[..., indices[less]] for more, less in pairs)
                    found[..., column] = first - sum(others)
            return averaged(found)

        estimate = study.comparison(study.scores).then(contrasts)
        self.observed = estimate.observed
        self.low, self.high = estimate.interval(study.settings.confidence)

    def at(self, row: int, column: int, names: tuple[str, str, str]) -> dict[str, float]:
        numbers = (values[row, column] for values in (self.observed, self.low, self.high))
        return dict(zip(names, numbers, strict=True))


class _Steps:
    """Training steps of models, of their whole lineages."""

    def __init__(self, results: pd.DataFrame) -> None:
        known = results.assign(steps=results["steps"].astype(float) if "steps" in results else np.nan)
        self._of_tasks = known.groupby(["arch", "recipe", "task"])["steps"].mean().unstack()

    def of(self, arch: str, recipe: str) -> float:
        """The mean over tasks; at ``POOLED`` over architectures, too. NaN where any is not known."""
        found = self._rows(arch, recipe)
        return float(found.to_numpy().mean()) if found.size else np.nan

    def apart(self, arch: str, pair: Pair) -> float:
        """The largest share, over tasks, by which the steps of two recipes differ; NaN where one is not known."""
        more, less = (self._rows(arch, recipe).to_numpy() for recipe in pair)
        return float(np.abs(more / less - 1).max()) if more.size and more.shape == less.shape else np.nan

    def _rows(self, arch: str, recipe: str) -> pd.DataFrame:
        names = self._of_tasks.index.to_frame()
        return self._of_tasks[(names["recipe"] == recipe) & ((names["arch"] == arch) | (arch == POOLED))]


def _taken_off(pairs: tuple[Pair, ...]) -> Any:
    """What is taken off the score of the first recipe, in words; NaN where there are no pairs."""
    if not pairs:
        return np.nan
    return " + ".join([pairs[0].less, *(f"({more} - {less})" for more, less in pairs[1:])])


def _note(study: Experiment, row: int, comparison: Comparison, steps: _Steps, low: float) -> str:
    if not comparison.matched:
        return f"{comparison.effect} has no control"
    lacking = _lacking(study, row, comparison)
    if lacking:
        return lacking
    arch = [*study.grid.archs, POOLED][row]
    apart = {pair: steps.apart(arch, pair) for pair in comparison.matched}
    found = [
        f"steps of {' and '.join(pair)} differ by {share:.0%}" for pair, share in apart.items() if share > MOST_APART
    ]
    found += ["steps are not known"] if any(map(np.isnan, apart.values())) else []
    return "; ".join([*found, *filter(None, [study.undefined(row) or no_interval(study, low)])])


def _lacking(study: Experiment, row: int, comparison: Comparison) -> str:
    """What the models of a comparison lack, at an architecture or (beyond the last) at any; empty if nothing."""
    grid = study.grid
    names = dict.fromkeys(name for pair in (*comparison.matched, *comparison.raw) for name in pair)
    archs = [row] if row < len(grid.archs) else range(len(grid.archs))
    present = [grid.recipes.index(name) for name in names if name in grid.recipes]
    absent = [f"no results of {name}" for name in names if name not in grid.recipes]
    return listed(absent + [gap for arch in archs for recipe in present for gap in grid.gaps(arch, recipe)])
