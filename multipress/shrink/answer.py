"""Which model to take: chosen by the dev set, and then, once, judged on the test part by the file that runs."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multipress.analysis.predictions.limits import Choice, Evaluations, Loss, surest
from multipress.analysis.predictions.stored import DEV, read_cell, runs_of
from multipress.analysis.recommendation import Recommendation, recommend, trials
from multipress.core import csv_tables
from multipress.shrink.baselines import Baseline
from multipress.shrink.candidates import REFERENCE, Target
from multipress.shrink.encoder import ARCH
from multipress.shrink.parts import Parts
from multipress.shrink.scores import CONFIDENCE, Judge
from multipress.shrink.source import Rows

_CALLS = 30
"""Texts that latency is measured with, one at a time."""

_WARM = 3
_SHOWN = 3
"""Confusions that are named."""


@dataclass(frozen=True)
class Measured:
    """A model as a file that runs."""

    recipe: str
    onnx: Path
    packed: Path
    megabytes: float
    """Of the ONNX file, 10^6 bytes."""
    milliseconds: float
    """For one text, its tokens included: the median on one thread."""
    max_length: int
    """Tokens of the longest row that it is given."""


@dataclass(frozen=True)
class Outcome:
    """A model or baseline on the test part."""

    predictions: np.ndarray
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Answer:
    """What came of a study."""

    metric: str
    within: float
    target: Target
    chosen: Measured
    reference: Measured
    models: list[Measured]
    dev: Choice
    """The choice, as the dev set sees it."""
    dev_losses: dict[str, Loss]
    """What each compressed model loses on the dev set, by its recipe."""
    dev_scores: dict[str, float]
    """On the dev set, in points, by recipe."""
    chosen_test: Outcome
    reference_test: Outcome
    test_loss: Loss
    confusions: list[str]
    baselines: list[tuple[Baseline, Outcome, Loss]]
    """With what each loses on the dev set."""
    dev_rows: int
    test_rows: int

    @property
    def is_compressed(self) -> bool:
        """Whether a compressed model is sure enough."""
        return self.chosen.recipe != REFERENCE

    @property
    def nearest(self) -> tuple[str, Loss] | None:
        """The compressed model that loses least at most; None where there is none."""
        return min(self.dev_losses.items(), key=lambda found: found[1].at_most, default=None)

    @property
    def bargains(self) -> list[tuple[Measured, Loss]]:
        """What more tolerance would buy: models that are better than the chosen one by the target, the surest first.

        Each is better than those before it, too.
        """
        found: list[tuple[Measured, Loss]] = []
        models = [model for model in self.models if model.recipe in self.dev_losses]
        for model in sorted(models, key=lambda each: self.dev_losses[each.recipe].at_most):
            if self.quantity(model) < min(self.quantity(each) for each in [self.chosen, *(one for one, _ in found)]):
                found.append((model, self.dev_losses[model.recipe]))
        return found

    def quantity(self, model: Measured) -> float:
        """What is to be small."""
        return model.megabytes if self.target == "size" else model.milliseconds


@dataclass(frozen=True)
class Finished:
    """A run whose results are to be answered from."""

    results: Path
    task: str
    metric: str
    within: float
    target: Target

    def file(self, kind: str, recipe: str, suffix: str) -> Path:
        """A model's file."""
        return self.results / kind / self.task / ARCH / "seed1" / f"{recipe}{suffix}"


def answer(run: Finished, parts: Parts, found: Sequence[Baseline]) -> Answer:
    """Choose by the dev set, judge on the test part.

    Raises:
        UserError: results are missing or damaged.
    """
    columns = ["task", "arch", "recipe", "score", "onnx_mb"]
    table = csv_tables.read(run.results / "tables" / "results.csv", columns, "the study")
    sizes = table[["recipe", "onnx_mb"]].itertuples(index=False, name=None)
    models = [_measured(run, recipe, size, parts.dev) for recipe, size in sizes]
    by_recipe = {model.recipe: model for model in models}
    quantity = "megabytes" if run.target == "size" else "milliseconds"
    scores = {str(recipe): float(score) for recipe, score in table[["recipe", "score"]].itertuples(index=False)}
    table = table.assign(quantity=[getattr(by_recipe[recipe], quantity) for recipe in table["recipe"]])
    of, evaluations = f"{ARCH}/{REFERENCE}", Evaluations(run.results, f"{ARCH}/{REFERENCE}", trials(table, run.task))
    choice = surest(recommend(table, of, run.within, "quantity", run.task), evaluations, run.within, CONFIDENCE)
    chosen, reference = by_recipe[_recipe(choice.model)], by_recipe[REFERENCE]
    judge, dev = Judge(parts.test, run.metric), Judge(parts.dev, run.metric)
    tests = {model.recipe: _tested(judge, predictions(model.onnx, parts.test)) for model in {chosen, reference}}
    reference_dev = _dev_predictions(run, REFERENCE)
    return Answer(
        metric=run.metric,
        within=run.within,
        target=run.target,
        chosen=chosen,
        reference=reference,
        models=models,
        dev=choice,
        dev_losses={
            recipe: evaluations.loss(f"{ARCH}/{recipe}", CONFIDENCE) for recipe in by_recipe if recipe != REFERENCE
        },
        dev_scores=scores,
        chosen_test=tests[chosen.recipe],
        reference_test=tests[REFERENCE],
        test_loss=judge.loss(tests[REFERENCE].predictions, tests[chosen.recipe].predictions),
        confusions=confusions(parts.test, tests[REFERENCE].predictions, tests[chosen.recipe].predictions),
        baselines=[(each, _tested(judge, each.test), dev.loss(reference_dev, each.dev)) for each in found],
        dev_rows=len(parts.dev),
        test_rows=len(parts.test),
    )


def _recipe(model: Recommendation) -> str:
    return model.name.partition("/")[2]


def _measured(run: Finished, recipe: str, megabytes: float, rows: Rows) -> Measured:
    from multipress.deployment.predictor import load  # which loads PyTorch

    onnx, packed = run.file("onnx", recipe, ".onnx"), run.file("packed", recipe, ".safetensors")
    predictor, texts = load(onnx), _texts(rows)[:_CALLS]
    times = []
    for text in [*texts[:_WARM], *texts]:
        started = time.perf_counter()
        predictor.predict([text])
        times.append(time.perf_counter() - started)
    milliseconds = 1000 * statistics.median(times[_WARM:])
    return Measured(recipe, onnx, packed, megabytes, milliseconds, predictor.reader.max_length)


def predictions(onnx: Path, rows: Rows) -> np.ndarray:
    """Class ids or numbers of a file that runs, shape (rows,)."""
    from multipress.deployment.predictor import load

    found = [prediction.label for prediction in load(onnx).predict(_texts(rows))]
    if rows.names is None:
        return np.array(found, np.float64)
    ids = {name: number for number, name in enumerate(rows.names)}
    return np.array([ids[str(label)] for label in found])


def _texts(rows: Rows) -> list[str | tuple[str, str]]:
    columns = [texts.to_pylist() for texts in rows.texts]
    return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))


def _dev_predictions(run: Finished, recipe: str) -> np.ndarray:
    """Those that the study stored, in the order of the dev rows."""
    file = run.results / "evaluations" / run.task / ARCH / "seed1" / "predictions.parquet"
    return read_cell(runs_of([file]), [recipe]).models[recipe][1][DEV].predictions


def _tested(judge: Judge, found: np.ndarray) -> Outcome:
    return Outcome(found, judge.points(found), judge.interval(found))


def confusions(rows: Rows, before: np.ndarray, after: np.ndarray) -> list[str]:
    """What one model confuses more often than another one, the worst first; of numbers, by how much both are off."""
    if rows.names is None:
        errors = [float(np.abs(found - rows.labels).mean()) for found in (before, after)]
        return [f"off by {errors[1]:.3g} on average (uncompressed: {errors[0]:.3g})"]
    size = len(rows.names)
    counts = [np.bincount(rows.labels * size + found, minlength=size * size) for found in (before, after)]
    more = np.where(np.eye(size, dtype=bool).ravel(), 0, counts[1] - counts[0])
    order = [cell for cell in np.argsort(-more, kind="stable")[:_SHOWN] if more[cell] > 0]
    totals = np.bincount(rows.labels, minlength=size)
    return [
        f"{rows.names[cell // size]} taken for {rows.names[cell % size]}: {counts[1][cell]} of {totals[cell // size]} "
        f"(uncompressed: {counts[0][cell]})"
        for cell in order
    ]
