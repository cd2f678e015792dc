"""How often comparisons of stored predictions err, on models whose truth is known.

python -m benchmarks.row_by_row --studies 2000

First, models that are equal but for chance: how often is their difference called sure at 5 %? Rows differ in how hard
they are, and seeds in how skilled. Then ``recommend``: among 13 models whose true losses go from 3 points down to none
as they grow, how often does the one that it names lose more than the 0.5 points that were allowed?
"""

import argparse
from collections.abc import Sequence

import numpy as np

from multipress.analysis.predictions.limits import Loss
from multipress.analysis.predictions.paired import Answers, Difference, difference
from multipress.analysis.predictions.weighted_scores import Score

ACCURACY = Score("accuracy", n_labels=2)
LOSSES = np.linspace(3, 0, 13)
WITHIN = 0.5
CONFIDENCE = 0.9
SEED_SPREAD = 0.3
"""Standard deviation of a model's loss over seeds, in points."""

TASKS = {"RTE": (277, 0.12), "SST-2": (872, 0.04), "MNLI": (9815, 0.08)}
"""Dev rows, and the share of rows that two models answer otherwise."""


def compared(first: np.ndarray, second: np.ndarray) -> Difference:
    """Two models by which rows they have wrong (1) or right (0), shape (seeds, rows)."""
    models = ([Answers(own, None) for own in model] for model in (first, second))
    return difference(ACCURACY, np.zeros(first.shape[1]), *models)


def rejected(random: np.random.Generator, studies: int, rows: int, seeds: int, skill: float) -> float:
    """The share of pairs of equal models whose difference has p < 0.05."""
    found = 0
    for _ in range(studies):
        hard, skills = random.normal(size=rows), random.normal(0, skill, (2, seeds, 1))
        wrong = (hard + random.normal(size=(2, seeds, rows)) + skills > 1).astype(float)
        found += compared(*wrong).p < 0.05
    return found / studies


def named_wrongly(
    random: np.random.Generator, studies: int, rows: int, churn: float, seeds: int
) -> tuple[float, float]:
    """The shares of studies in which the named model loses more than it may: by score alone, and with confidence."""
    wrong = np.zeros(2)
    for _ in range(studies):
        base = (random.random((seeds, rows)) < _WRONG).astype(float)
        by_score, surely = False, False
        for lost in LOSSES:
            found = Loss(compared(base, _model(random, base, lost, churn)), {"": rows}, seeds, CONFIDENCE)
            if not by_score and found.value <= WITHIN:
                by_score = True
                wrong[0] += lost > WITHIN
            if not surely and found.at_most <= WITHIN:
                surely = True
                wrong[1] += lost > WITHIN
            if by_score and surely:
                break
    return tuple(wrong / studies)


_WRONG = 0.3
"""Share of rows that the model has wrong to which others are held."""


def _model(random: np.random.Generator, base: np.ndarray, lost: float, churn: float) -> np.ndarray:
    """A model that answers a share of rows otherwise, and so loses this many points but for chance."""
    points = (lost + random.normal(0, SEED_SPREAD, (len(base), 1))) / 100
    loses, wins = np.maximum(churn + points, 0) / 2 / (1 - _WRONG), np.maximum(churn - points, 0) / 2 / _WRONG
    flips = random.random(base.shape)
    return np.where(base == 0, flips < loses, flips >= wins).astype(float)


def _line(name: object, cells: Sequence[float]) -> str:
    return f"{name!s:<24}" + "".join(f"{cell:>10.1%}" for cell in cells)


def main() -> None:
    """Print both shares."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--studies", type=int, default=2000, metavar="N", help="(default: %(default)s)")
    studies = arguments.parse_args().studies
    random = np.random.default_rng(0)
    numbers = (1, 2, 3, 5, 10)
    print(f"{'equal models, seeds:':<24}" + "".join(f"{number:>10}" for number in numbers))
    for skill in (0.0, 0.05, 0.1, 0.3):
        cells = [rejected(random, studies, 250, seeds, skill) for seeds in numbers]
        print(_line(f"spread of skill {skill:g}", cells), flush=True)
    print(f"\n{'named, loses too much:':<24}{'by score':>10}{'surely':>10}")
    for task, (rows, churn) in TASKS.items():
        for seeds in (1, 3):
            print(_line(f"{task}, seeds: {seeds}", named_wrongly(random, studies, rows, churn, seeds)), flush=True)


if __name__ == "__main__":
    main()
