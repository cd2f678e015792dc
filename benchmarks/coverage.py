"""How often the analysis' intervals cover the truth, over synthetic experiments of the paper's shape.

python -m benchmarks.coverage --experiments 500

The truth is what the procedure, with as many seeds, gives on average over 40,000 tasks. The populations go from
one where tasks differ much more than seeds to one where seeds are the larger part.
"""

import argparse
from time import perf_counter

import numpy as np

from benchmarks.synthetic_study import RECIPES, Population
from multipress.analysis.grid import grid
from multipress.analysis.interaction import COMBINATIONS, over_product, pooled
from multipress.analysis.ratios import choose
from multipress.analysis.study import Study
from multipress.config.analyze import AnalyzeSettings

POPULATIONS = {
    "tasks differ much": Population(task_spread=1.0, seed_spread=0.3),
    "tasks differ most": Population(task_spread=0.5, seed_spread=0.3),
    "seeds differ most": Population(task_spread=0.3, seed_spread=0.6),
}
TRUTH_TASKS = 40_000


def truth(population: Population, seeds: int, settings: AnalyzeSettings) -> np.ndarray:
    """Observed over product in the population: shape (archs + 1, combinations)."""
    random = np.random.default_rng(1)
    expected = population.expected(random, TRUTH_TASKS)
    scores = expected + random.normal(0, population.seed_spread / np.sqrt(seeds), expected.shape)
    shape = grid(population.draw(random, 1, 1))
    order = [RECIPES.index(recipe) for recipe in shape.recipes]
    return over_product(pooled(choose(shape, 0, scores[..., order], settings).ratio.mean(axis=0)))


def intervals(
    population: Population, tasks: int, seeds: int, experiments: int, settings: AnalyzeSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high ends of shape (experiments, archs + 1, combinations)."""
    ends = []
    for number in range(experiments):
        results = population.draw(np.random.default_rng([2, number]), tasks, seeds)
        ratios = Study.of(results, settings).ratios
        ends.append(ratios.then(lambda values: over_product(pooled(values))).interval(settings.confidence))
    low, high = zip(*ends, strict=True)
    return np.array(low), np.array(high)


def main() -> None:
    """Print the shares of intervals that cover, for each population and way to resample."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--experiments", type=int, default=500, metavar="N", help="(default: %(default)s)")
    arguments.add_argument(
        "--draws", type=int, default=1000, metavar="N", help="bootstrap draws (default: %(default)s)"
    )
    arguments.add_argument("--tasks", type=int, default=8, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--seeds", type=int, default=3, metavar="N", help="(default: %(default)s)")
    parsed = arguments.parse_args()
    print(f"{'population':<20}{'seeds':<11}{'one arch':>9}" + "".join(f"{name:>12}" for name in COMBINATIONS))
    for name, population in POPULATIONS.items():
        for resampled in (True, False):
            start = perf_counter()
            settings = AnalyzeSettings(draws=parsed.draws, resample_seeds=resampled)
            low, high = intervals(population, parsed.tasks, parsed.seeds, parsed.experiments, settings)
            true = truth(population, parsed.seeds, settings)
            covers = ((low <= true) & (true <= high)).mean(axis=0)
            shares = [covers[:-1].mean(), *covers[-1]]
            way = "resampled" if resampled else "kept"
            cells = f"{shares[0]:9.1%}" + "".join(f"{share:12.1%}" for share in shares[1:])
            print(f"{name:<20}{way:<11}{cells}   ({perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
