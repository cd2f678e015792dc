"""How often studies find an interaction where there is none, and where there is one: the paper's rule and the curves.

python -m benchmarks.additive_truths --studies 200

Synthetic studies of the paper's shape (``benchmarks/synthetic_study.py``). In most populations losses of score add up,
so that each direction found is false; in the last ones distilled models lose 0.6 points less to further compressions.
Four verdicts are counted by the studies in which any of the four pooled combinations has a direction:

  rule             the ratio over the product under the rule of Table 1, against 1
  rule, additive   the same against what additive losses make it (interaction.csv)
  multiply         the ratio by the distance of curves, against 1 (interaction_curve.csv, verdict)
  interact         the same against what additive losses make it (interaction_curve.csv, beyond_additivity)

Then how often intervals by the curves hold the truth, as a mean over combinations: of ratios the mean of all studies,
of ``beyond`` 1 where losses add up, else again that mean. Ends with 1 where ``interact`` is found in more than 5 % of
studies of additive losses, a recovery in fewer than 90 % of studies of eight tasks, or an interval covers in
less than 93 %, each beyond what so few studies can tell (two standard errors). Collapsed runs are shown, but
not asked for: they are no part of what the intervals claim.
"""

import argparse
import sys
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.coverage import METHODS
from benchmarks.synthetic_study import Population, blank_grid
from multipress.analysis import verdicts
from multipress.analysis.curve_verdicts import with_verdicts
from multipress.analysis.experiment import Experiment
from multipress.analysis.interaction import interaction
from multipress.analysis.interaction_curve import interaction_curve, of_tasks
from multipress.analysis.methods import combinations
from multipress.analysis.settings import AnalyzeSettings

STEEP = (-1.5, -0.8, 0.2, 1.0, 1.5, 0.2)
"""Points that distillation gives large … tiny beyond its mean effect: about those of the paper's Figure 1."""

COMBINATIONS = combinations(METHODS)
_ROUNDING = 1e-9
MOST_FALSE, LEAST_POWER, LEAST_COVERAGE = 0.05, 0.90, 0.93


NOTHING = Population(task_spread=0.0, effects=(0.0,) * 4, recovered=0)
"""No step changes the score. Of three seeds, a spread of 0.52 gives means a standard error of 0.3."""


@dataclass(frozen=True)
class Case:
    """A population, and what is asked of it."""

    population: Population
    additive: bool = True
    claimed: bool = True
    """Whether the intervals are meant for it."""
    shapes: tuple[tuple[int, int], ...] = ((8, 3),)
    """Tasks and seeds."""


ALL = ((8, 3), (5, 3), (3, 1))
CASES = {
    "tasks alike": Case(Population(task_spread=0.2, recovered=0), shapes=ALL),
    "tasks differ": Case(Population(task_spread=1.0, recovered=0), shapes=ALL),
    "no noise": Case(Population(task_spread=0.5, seed_spread=0.0, recovered=0)),
    "much noise": Case(Population(task_spread=0.5, seed_spread=0.8, recovered=0)),
    "most noise": Case(Population(task_spread=0.5, seed_spread=1.5, recovered=0)),
    "KD gains unequally": Case(Population(task_spread=0.2, recovered=0, gain_by_arch=STEEP), shapes=ALL),
    "2 % collapsed": Case(Population(task_spread=0.2, recovered=0, collapsed=0.02), claimed=False),
    "noise alone": Case(replace(NOTHING, seed_spread=0.52)),
    "any step costs 0.3, no noise": Case(replace(NOTHING, seed_spread=0.0, once=-0.3), additive=False),
    "any step costs 0.3, noise": Case(replace(NOTHING, seed_spread=0.52, once=-0.3), additive=False),
    "0.6 recovered": Case(Population(task_spread=0.2), additive=False, shapes=ALL),
    "tasks differ, 0.6": Case(Population(task_spread=1.0), additive=False),
}
POWER = "0.6 recovered"


@dataclass(frozen=True)
class Studies:
    """What was found in many studies, each array of shape (studies, combinations)."""

    found: dict[str, np.ndarray]
    """By verdict: 1 above, -1 below, 0 undecided or equal."""
    estimates: dict[str, np.ndarray]
    ends: dict[str, tuple[np.ndarray, np.ndarray]]

    def any_direction(self, verdict: str) -> float:
        """The share of studies in which any combination has a direction."""
        return float((self.found[verdict] != 0).any(axis=1).mean())

    def coverage(self, name: str, true: np.ndarray) -> float:
        """The share of intervals that hold the truth, among those that there are."""
        low, high = self.ends[name][0] - _ROUNDING, self.ends[name][1] + _ROUNDING
        return float(((low <= true) & (true <= high))[~np.isnan(low)].mean()) if not np.isnan(low).all() else np.nan


def simulate(population: Population, tasks: int, seeds: int, count: int, settings: AnalyzeSettings) -> Studies:
    """Draw and analyze this many studies; the same numbers in each call."""
    blank, order = blank_grid(tasks, seeds)
    tables = []
    for number in range(count):
        scores = population.scores(np.random.default_rng([3, number]), tasks, seeds)[:, :, order]
        grid = replace(blank, scores=scores)
        tables.append(_pooled(Experiment(grid, settings.model_copy(update={"seed": number})), settings))
    rule, curves = (pd.concat(parts) for parts in zip(*tables, strict=True))

    def of(table: pd.DataFrame, column: str) -> np.ndarray:
        return table[column].to_numpy(float).reshape(count, len(COMBINATIONS))

    old = [_judge_rule(*ends, settings) for ends in rule[["low", "high"]].itertuples(index=False, name=None)]
    judged = {
        "rule": old,
        "rule, additive": rule["verdict"],
        "multiply": curves["verdict"],
        "interact": curves["beyond_additivity"],
    }
    directions = {verdicts.SUPER: 1, verdicts.DIMINISHING: -1}
    return Studies(
        {
            name: np.array([directions.get(word, 0) for word in words]).reshape(count, len(COMBINATIONS))
            for name, words in judged.items()
        },
        {"rule": of(rule, "ratio"), "ratio": of(curves, "ratio"), "beyond": of(curves, "beyond")},
        {
            "ratio": (of(curves, "ratio_low"), of(curves, "ratio_high")),
            "beyond": (of(curves, "beyond_low"), of(curves, "beyond_high")),
        },
    )


def _judge_rule(low: float, high: float, settings: AnalyzeSettings) -> str:
    """The direction that an interval about 1 gives, whatever it may be worth."""
    return verdicts.ratio_verdict(low, high, settings.equivalence)


def _pooled(study: Experiment, settings: AnalyzeSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pooled rows of both tables, in the order of the combinations."""
    grids = {"paper_mb": study.grid}
    per_task = of_tasks(grids, settings.confidence)
    curves = with_verdicts(interaction_curve(per_task, grids, settings.confidence), per_task, settings)
    rule = interaction(study)
    return (
        rule[rule["arch"] == verdicts.POOLED].set_index("combination").loc[COMBINATIONS],
        curves[curves["range"] == verdicts.POOLED].set_index("method").loc[COMBINATIONS],
    )


def failures(name: str, case: Case, tasks: int, studies: Studies, count: int) -> list[str]:
    """What is not as claimed, beyond two standard errors of so many studies."""
    if not case.claimed:
        return []
    slack = {share: 2 * np.sqrt(share * (1 - share) / count) for share in (MOST_FALSE, LEAST_POWER, LEAST_COVERAGE)}
    wrong = []
    if case.additive and studies.any_direction("interact") > MOST_FALSE + slack[MOST_FALSE]:
        wrong.append("interact: false directions")
    if name == POWER and tasks == 8:
        power = (studies.found["interact"] > 0).mean(axis=0)[[0, 2, 3]].min()
        wrong += ["interact: too little power"] if power < LEAST_POWER - slack[LEAST_POWER] else []
    if studies.coverage("beyond", _truth(case, studies)) < LEAST_COVERAGE - slack[LEAST_COVERAGE]:
        wrong.append("beyond: intervals cover too seldom")
    return wrong


def _truth(case: Case, studies: Studies) -> np.ndarray:
    return np.ones(len(COMBINATIONS)) if case.additive else _mean(studies.estimates["beyond"])


def _mean(ratios: np.ndarray) -> np.ndarray:
    return np.exp(np.nanmean(np.log(ratios), axis=0))


def line(name: str, case: Case, tasks: int, seeds: int, studies: Studies) -> str:
    """A row of the table."""
    shares = [f"{100 * studies.any_direction(verdict):.0f}" for verdict in studies.found]
    covers = [
        f"{100 * studies.coverage(quantity, true):.0f}"
        for quantity, true in (
            ("ratio", _mean(studies.estimates["ratio"])),
            ("beyond", _truth(case, studies)),
        )
    ]
    means = [" / ".join(f"{value:.2f}" for value in _mean(of)) for of in studies.estimates.values()]
    cells = [name, f"{tasks}×{seeds}", *shares, *covers, *means]
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Print a row for each population and shape, as a table in Markdown; 1 if any is not as claimed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--studies", type=int, default=200, metavar="N", help="(default: %(default)s)")
    arguments.add_argument("--draws", type=int, default=400, metavar="N", help="bootstrap draws (default: %(default)s)")
    parsed = arguments.parse_args()
    settings = AnalyzeSettings(draws=parsed.draws)
    print(
        "| losses | tasks×seeds | rule | rule, additive | multiply | interact | covers: ratio | covers: beyond "
        "| mean: rule | mean: ratio | mean: beyond |"
    )
    print("|" + "---|" * 11)
    wrong = []
    for name, case in CASES.items():
        for tasks, seeds in case.shapes:
            start = perf_counter()
            studies = simulate(case.population, tasks, seeds, parsed.studies, settings)
            print(line(name, case, tasks, seeds, studies), flush=True)
            power = (studies.found["interact"] != 0).mean(axis=0)
            each = ", ".join(f"{share:.0%}" for share in power)
            print(
                f"{name}, {tasks}×{seeds}: interact {each} ({perf_counter() - start:.0f} s)",
                file=sys.stderr,
                flush=True,
            )
            wrong += [
                f"{name}, {tasks}×{seeds}: {what}" for what in failures(name, case, tasks, studies, parsed.studies)
            ]
    print("\n".join(["", "not as claimed:", *wrong] if wrong else ["", "all as claimed"]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
