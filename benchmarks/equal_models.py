"""Which subset comes first within a size, and by how much its score is too high, where all models are equally good?

python -m benchmarks.equal_models

Subsets have one to four times as many models, and scores differ by nothing but tasks and the noise of seeds. For the
best score of a subset, by which it could be ranked, and for the held-out score, by which ``ranking_size`` does:
the share of experiments in which it is the first, and the mean of what the first one's exceeds the truth by, in points.
"""

import argparse

import numpy as np
import pandas as pd

from benchmarks.synthetic_study import ARCHS, Population
from multipress.analysis.experiment import Experiment
from multipress.analysis.ranking_size import ranking_size
from multipress.analysis.settings import AnalyzeSettings


def experiment(number: int, tasks: int, seeds: int, noise: float) -> tuple[pd.DataFrame, float]:
    """Results of equally good models, and their true mean score."""
    random = np.random.default_rng([6, number])
    table = Population().draw(random, tasks, seeds)
    of_tasks = random.normal(80, 5, tasks)
    table["score"] = np.repeat(of_tasks, len(table) // tasks) + random.normal(0, noise, len(table))
    return table, float(of_tasks.mean())


def main() -> None:
    """Print shares of first places and the excess of the first one's score."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--experiments", type=int, default=1000, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--tasks", type=int, default=8, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--seeds", type=int, default=3, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--noise", type=float, default=0.5, metavar="POINTS", help="of seeds (default: %(default)s)")
    parsed = arguments.parse_args()
    settings = AnalyzeSettings(draws=100, size_budgets=[ARCHS["base"]])
    tables = []
    for number in range(parsed.experiments):
        results, true = experiment(number, parsed.tasks, parsed.seeds, parsed.noise)
        table = ranking_size(Experiment.of(results, settings)).set_index("subset")
        tables.append(table[["score", "held_out", "held_out_of_any", "first"]].assign(true=true))
    for by in ("score", "held_out"):
        of_first = pd.DataFrame([table.loc[table[by].idxmax(), [by, "true"]] for table in tables])
        firsts = pd.Series([table[by].idxmax() for table in tables]).value_counts(normalize=True)
        excess, own = of_first[by] - of_first["true"], np.mean([table[by] - table["true"] for table in tables], axis=0)
        print(
            f"by {by}: a subset's exceeds the truth by {own.min():.3f} to {own.max():.3f} points, "
            f"the first one's by {excess.mean():.3f}"
        )
        print("    first: " + ", ".join(f"{name} {firsts.get(name, 0):.2f}" for name in tables[0].index))
    shares = np.mean([table["first"] for table in tables], axis=0)
    print("    draws: " + ", ".join(f"{name} {share:.2f}" for name, share in zip(tables[0].index, shares, strict=True)))
    of_any = np.mean([table["held_out_of_any"].iloc[0] - table["true"].iloc[0] for table in tables])
    print(f"held out, the best model of all subsets exceeds it by {of_any:.3f}")


if __name__ == "__main__":
    main()
