import numpy as np
import pytest
from scipy.stats import norm, t

from benchmarks.coverage import intervals, truth
from benchmarks.synthetic_study import Population
from multipress.analysis.bootstrap import expanded_tail, resample
from multipress.analysis.grid import grid
from multipress.analysis.interaction import interaction
from multipress.config.analyze import AnalyzeSettings
from tests.unit.analysis_cases import results, study, without


def noisy(tasks=4, seeds=3):
    return Population().draw(np.random.default_rng(3), tasks, seeds)


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others():
    first, again, other = (interaction(study(noisy(), seed=seed)) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first["low"].equals(other["low"])
    assert first["ratio"].equals(other["ratio"])


def test_the_order_of_rows_changes_nothing():
    table = noisy()
    assert interaction(study(table)).equals(interaction(study(table.sample(frac=1, random_state=1))))


@pytest.mark.parametrize("n", [2, 8, 1000])
def test_tails_are_expanded_as_hesterberg_says(n):
    assert expanded_tail(0.95, n) == pytest.approx(norm.cdf(-np.sqrt(n / (n - 1)) * t.ppf(0.975, n - 1)))


def test_with_many_tasks_nothing_is_expanded():
    assert expanded_tail(0.95, 100_000) == pytest.approx(0.025, rel=1e-3)


def test_draws_take_tasks_and_seeds_with_replacement_and_seeds_jointly_for_all_models():
    table = results(tasks=["a", "b"], seeds=[0, 1, 2])
    table["score"] = 10.0 * (table["task"] == "b") + table["seed"]
    outcomes = resample(grid(table), AnalyzeSettings(draws=2000))
    assert (outcomes.scores == outcomes.scores[:, :1, :1]).all()
    of_task = outcomes.scores[outcomes.tasks == 0, 0, 0]
    assert set(of_task.round(9)) == {round(total / 3, 9) for total in range(7)}
    drawn = outcomes.estimate(outcomes.scores[:, 0, 0])
    assert drawn.observed == pytest.approx(6)
    assert drawn.draws.mean() == pytest.approx(6, abs=0.5)
    # A mean of two tasks that are 10 apart, and of three seeds each with variance 2/3.
    assert drawn.draws.var() == pytest.approx(25 / 2 + (2 / 3) / 3 / 2, rel=0.1)


def test_kept_seeds_leave_only_the_tasks_to_chance():
    outcomes = resample(grid(noisy()), AnalyzeSettings(draws=500, resample_seeds=False))
    assert len(outcomes.scores) == 2 * 4
    np.testing.assert_allclose(outcomes.scores[:4], grid(noisy()).means)


def test_tasks_with_fewer_seeds_draw_from_their_own():
    table = results(tasks=["a", "b"], seeds=[0, 1, 2])
    table["score"] = table["seed"] * 1.0
    outcomes = resample(grid(table[(table["task"] == "a") | (table["seed"] == 2)]), AnalyzeSettings(draws=500))
    assert set(outcomes.scores[outcomes.tasks == 1].ravel()) == {2.0}
    assert len(set(outcomes.scores[outcomes.tasks == 0].ravel().round(9))) == 7


def test_a_model_that_lacks_a_seed_is_missing_from_every_outcome_of_its_task():
    table = without(results(seeds=[0, 1, 2]), task="b", arch="small", recipe="kd", seed=1)
    outcomes, of = resample(grid(table), AnalyzeSettings(draws=500)), grid(table)
    open_ones = np.isnan(outcomes.scores[:, of.archs.index("small"), of.recipes.index("kd")])
    np.testing.assert_array_equal(open_ones, outcomes.tasks == of.tasks.index("b"))
    assert np.isnan(outcomes.scores).sum() == open_ones.sum()


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    population, settings = Population(), AnalyzeSettings(draws=300)
    low, high = intervals(population, tasks=8, seeds=2, experiments=60, settings=settings)
    true = truth(population, 2, settings)
    assert ((low <= true) & (true <= high)).mean() > 0.92
    beside = 1.6 * true  # as far away as an interval is wide
    assert ((low <= beside) & (beside <= high)).mean() < 0.5
