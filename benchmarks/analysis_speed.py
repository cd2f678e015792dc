"""What the analysis of the paper's whole grid costs: 10,000 draws on 1,728 models, all architectures and combinations.

OMP_NUM_THREADS=1 python -m benchmarks.analysis_speed
"""

import argparse
from time import perf_counter, process_time

import numpy as np

from benchmarks.synthetic_study import Population
from multipress.analysis.effects import effects
from multipress.analysis.experiment import Experiment
from multipress.analysis.interaction import interaction
from multipress.analysis.interaction_curve import of_tasks
from multipress.analysis.pareto import pareto
from multipress.analysis.ranking import ranking
from multipress.analysis.ranking_size import ranking_size
from multipress.analysis.scaling import scaling
from multipress.analysis.score_losses import interaction_score
from multipress.analysis.settings import AnalyzeSettings


def main() -> None:
    """Print wall-clock and CPU seconds of each table that takes time; of curves by one definition of size."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--draws", type=int, default=10_000, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--tasks", type=int, default=8, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--seeds", type=int, default=3, metavar="N", help="(default: %(default)s)")
    parsed = arguments.parse_args()
    results = Population().draw(np.random.default_rng(0), parsed.tasks, parsed.seeds)
    print(f"{len(results)} models, {parsed.draws} draws")
    for table in (interaction, interaction_score, effects, ranking, ranking_size, pareto, _curves, scaling):
        study = Experiment.of(results, AnalyzeSettings(draws=parsed.draws))  # each table pays for its draws
        wall, cpu = perf_counter(), process_time()
        table(study)
        print(f"{table.__name__.lstrip('_'):<20}{perf_counter() - wall:6.2f} s{process_time() - cpu:8.2f} s of CPU")


def _curves(study: Experiment) -> None:
    of_tasks({"paper_mb": study.grid}, study.settings.confidence)


if __name__ == "__main__":
    main()
