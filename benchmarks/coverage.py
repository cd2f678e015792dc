"""How often the analysis' intervals cover the truth, over synthetic experiments of the paper's shape.

python -m benchmarks.coverage --experiments 1500
python -m benchmarks.coverage --experiments 500 --other-seeds

For the ratios of combinations over the product of single ones ("sizes") and for what combinations lose beyond the sum
("scores"). The truth is what the procedure, with as many seeds, gives on average over 40,000 tasks. The first three
populations go from one where tasks differ much more than seeds to one where seeds are the larger part; the intervals
were not chosen by the others. All get the same random numbers, so where losses add up in every task, the shares of
"scores" are the same, and what is luck in one population is in all. With ``--other-seeds``, tasks stay the same in all
experiments of a population, and the truth is what they give on average over these. Claimed are 93 to 97 %. A share of
few experiments may lie outside by luck (of 400, its standard error is 1.1 %), so that this ends with 1 where any of the
70 does by more than two standard errors.
"""

import argparse
import sys
from dataclasses import replace
from math import sqrt
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.synthetic_study import RECIPES, Population, blank_grid
from multipress.analysis.experiment import Experiment
from multipress.analysis.methods import combinations, over_product, pooled
from multipress.analysis.ratios import choose
from multipress.analysis.score_losses import averaged, beyond_sum, losses
from multipress.analysis.settings import AnalyzeSettings
from multipress.compression.subsets import study_methods

POPULATIONS = {
    "tasks differ much": Population(task_spread=1.0, seed_spread=0.3),
    "tasks differ most": Population(task_spread=0.5, seed_spread=0.3),
    "seeds differ most": Population(task_spread=0.3, seed_spread=0.6),
}
OTHERS = {
    "tasks alone differ": Population(task_spread=2.0, seed_spread=0.1),
    "both differ much": Population(task_spread=2.0, seed_spread=0.5),
    "seeds differ much": Population(task_spread=0.8, seed_spread=1.0),
    "interactions differ": Population(task_spread=0.5, seed_spread=0.3, interaction_spread=0.5),
}
METHODS = study_methods(RECIPES)
TRUTH_TASKS = 40_000
CLAIMED = 0.95
WITHIN = 0.93, 0.97


def truth(population: Population, seeds: int, settings: AnalyzeSettings) -> dict[str, np.ndarray]:
    """Both quantities in the population, of shape (archs + 1, combinations)."""
    random = np.random.default_rng(1)
    expected = population.expected(random, TRUTH_TASKS)
    scores = expected + random.normal(0, population.seed_spread / np.sqrt(seeds), expected.shape)
    shape, order = blank_grid(1, 1)
    scores = scores[..., order]
    return {
        "sizes": _over_product(np.exp(np.log(choose(shape, 0, scores, settings).ratio).mean(axis=0))),
        "scores": _beyond_sum(losses(shape, scores).mean(axis=0)),
    }


def intervals(
    population: Population, tasks: int, seeds: int, experiments: int, settings: AnalyzeSettings
) -> dict[str, np.ndarray]:
    """Low and high ends for both quantities, of shape (2, experiments, archs + 1, combinations)."""
    shape, order = blank_grid(tasks, seeds)
    sizes, lost = [], []
    for number in range(experiments):
        scores = population.scores(np.random.default_rng([2, number]), tasks, seeds)[:, :, order]
        study = Experiment(replace(shape, scores=scores), settings.model_copy(update={"seed": number}))
        sizes.append(study.ratios.then(_over_product).interval_of_ratio(settings.confidence))
        estimate = study.outcomes.estimate(losses(study.grid, study.outcomes.scores))
        lost.append(estimate.then(_beyond_sum).interval(settings.confidence))
    return {"sizes": np.stack(sizes, axis=1), "scores": np.stack(lost, axis=1)}


def intervals_of_seeds(
    population: Population, tasks: int, seeds: int, experiments: int, settings: AnalyzeSettings
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Low and high ends for other seeds as ``intervals`` has them, and the means over experiments on the same tasks."""
    shape, order = blank_grid(tasks, seeds)
    expected = population.expected(np.random.default_rng(3), tasks)[:, :, order, None]
    ends: dict[str, list[Any]] = {"sizes": [], "scores": []}
    observed: dict[str, list[Any]] = {"sizes": [], "scores": []}
    for number in range(experiments):
        noise = np.random.default_rng([4, number]).normal(0, population.seed_spread, (*expected.shape[:-1], seeds))
        study = Experiment(replace(shape, scores=expected + noise), settings.model_copy(update={"seed": number}))
        ratios = study.ratios_of_seeds.then(_over_product)
        lost = study.seed_outcomes.estimate(losses(study.grid, study.seed_outcomes.scores)).then(_beyond_sum)
        ends["sizes"].append(ratios.interval_of_ratio(settings.confidence))
        ends["scores"].append(lost.interval(settings.confidence))
        observed["sizes"].append(np.log(ratios.observed))
        observed["scores"].append(lost.observed)
    means = {quantity: np.mean(values, axis=0) for quantity, values in observed.items()}
    means["sizes"] = np.exp(means["sizes"])
    return {quantity: np.stack(values, axis=1) for quantity, values in ends.items()}, means


def coverage(ends: np.ndarray, true: np.ndarray) -> np.ndarray:
    """The share of intervals that hold the truth: (2, experiments, …) → (…)."""
    low, high = ends
    return ((low <= true) & (true <= high)).mean(axis=0)


def _over_product(ratios: np.ndarray) -> np.ndarray:
    return over_product(pooled(ratios), METHODS)


def _beyond_sum(lost: np.ndarray) -> np.ndarray:
    return beyond_sum(averaged(lost), METHODS)


def main() -> int:
    """Print the shares of intervals that cover, for each population; 1 if any is not as it should be."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--experiments", type=int, default=1500, metavar="N", help="(default: %(default)s)")
    arguments.add_argument(
        "--draws", type=int, default=1000, metavar="N", help="bootstrap draws (default: %(default)s)"
    )
    arguments.add_argument("--tasks", type=int, default=8, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--seeds", type=int, default=3, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--other-seeds", action="store_true", help="intervals for other seeds, tasks fixed")
    parsed = arguments.parse_args()
    settings = AnalyzeSettings(draws=parsed.draws)
    print(f"{'population':<20}{'of':<8}{'one arch':>9}" + "".join(f"{name:>12}" for name in combinations(METHODS)))
    outside, luck = 0, 2 * sqrt(CLAIMED * (1 - CLAIMED) / parsed.experiments)
    for name, population in (POPULATIONS | OTHERS).items():
        start = perf_counter()
        shape = parsed.tasks, parsed.seeds, parsed.experiments, settings
        if parsed.other_seeds:
            ends, truths = intervals_of_seeds(population, *shape)
        else:
            ends, truths = intervals(population, *shape), truth(population, parsed.seeds, settings)
        for quantity, true in truths.items():
            covers = coverage(ends[quantity], true)
            shares = np.array([covers[:-1].mean(), *covers[-1]])
            outside += int(((shares < WITHIN[0] - luck) | (shares > WITHIN[1] + luck)).sum())
            cells = f"{shares[0]:9.1%}" + "".join(f"{share:12.1%}" for share in shares[1:])
            print(f"{name:<20}{quantity:<8}{cells}   ({perf_counter() - start:.0f} s)", flush=True)
    print(f"{outside or 'none'} of the shares outside {WITHIN[0]:.0%} to {WITHIN[1]:.0%} by more than {luck:.1%}")
    return int(outside > 0)


if __name__ == "__main__":
    sys.exit(main())
