import numpy as np
import pytest
from scipy.stats import t

from benchmarks.coverage import POPULATIONS, coverage, intervals, intervals_of_seeds, truth
from benchmarks.synthetic_study import Population
from multipress.analysis.bootstrap import Estimate, resample, resample_seeds, simultaneous
from multipress.analysis.effects import effects
from multipress.analysis.experiment import ONE_SEED
from multipress.analysis.grid import grid
from multipress.analysis.interaction import interaction
from multipress.analysis.score_losses import interaction_score
from multipress.analysis.settings import AnalyzeSettings
from tests.unit.analysis.cases import results, study, without


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
    # A mean of two tasks that are 10 apart, and of three seeds each, drawn anew by three of four tasks: variance 2/3.
    assert drawn.draws.var() == pytest.approx(25 / 2 + 3 / 4 * (2 / 3) / 3 / 2, rel=0.1)
    assert drawn.task_draws.var() == pytest.approx(25 / 2, rel=0.1)


def mean_score(table):
    """The mean over tasks of one model's score."""
    outcomes = resample(grid(table), AnalyzeSettings(draws=20_000))
    return outcomes.estimate(outcomes.scores[:, 0, 0])


def test_where_tasks_agree_the_standard_error_is_a_share_of_what_seeds_make():
    table = results(seeds=[0, 1, 2])
    table["score"] = table["seed"] * 1.0
    estimate = mean_score(table)
    assert (estimate.task_draws == 1).all()
    # Seeds have variance 1, and a quarter of that of the mean over four tasks' three is not in the draws of tasks.
    assert estimate.standard_error == pytest.approx(np.sqrt(1 / 3 / 4 / 4), rel=0.03)


@pytest.mark.parametrize("seeds", [[0], [0, 1, 2]])
def test_where_tasks_differ_the_interval_is_students(seeds):
    table = results(seeds=seeds)
    table["score"] = table["task"].map({"a": 1.0, "b": 2.0, "c": 4.0, "d": 9.0}) + 0.1 * table["seed"]
    of_tasks = np.array([1.0, 2, 4, 9]) + 0.1 * np.mean(seeds)
    expected = t.interval(0.9, 3, of_tasks.mean(), of_tasks.std(ddof=1) / 2)
    assert mean_score(table).interval(0.9) == pytest.approx(expected, abs=0.1)


def test_with_one_seed_draws_are_of_tasks_alone():
    estimate = mean_score(noisy(seeds=1))
    assert (estimate.draws == estimate.task_draws).all()


def test_the_interval_of_an_inverse_ratio_is_the_inverse_of_its_interval():
    ratio = Estimate(np.array(2.0), np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.0, 4.0]), n_tasks=8, freedom=7)
    low, high = ratio.interval_of_ratio(0.95)
    assert ratio.then(lambda value: 1 / value).interval_of_ratio(0.95) == pytest.approx((1 / high, 1 / low))
    assert low * high == pytest.approx(4)


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


@pytest.mark.parametrize("name", POPULATIONS)
def test_intervals_cover_the_truth_about_as_often_as_they_say(name):
    population, settings = POPULATIONS[name], AnalyzeSettings(draws=200)
    ends, true = intervals(population, 8, 3, experiments=80, settings=settings), truth(population, 3, settings)
    for quantity in ("sizes", "scores"):
        covers = coverage(ends[quantity], true[quantity])
        assert 0.925 < covers.mean() < 0.98, quantity
        assert 0.92 < covers[-1].mean() < 0.985, quantity
    assert coverage(ends["sizes"], 1.6 * true["sizes"]).mean() < 0.5  # as far away as an interval is wide


def test_simultaneous_intervals_share_the_chance_to_miss_among_the_rows_that_they_hold_for():
    noise = np.random.default_rng(0).normal(size=(2000, 3, 4))
    estimate = Estimate(np.zeros((3, 4)), noise, noise, n_tasks=8, freedom=7)
    low, high = simultaneous(estimate.interval, 0.95)
    for row, count in ((0, 2 * 4), (1, 2 * 4), (2, 4)):
        expected = t.ppf(1 - 0.05 / count / 2, 7) * estimate.standard_error[row]
        assert high[row] == pytest.approx(expected)
        assert low[row] == pytest.approx(-expected)


def test_other_seeds_vary_as_the_means_of_all_seeds_do():
    table = results(tasks=["a", "b"], seeds=[0, 1, 2])
    table["score"] = 10.0 * (table["task"] == "b") + table["seed"]
    table = table[(table["task"] == "a") | (table["seed"] < 2)]  # task b has two seeds
    outcomes = resample_seeds(grid(table), AnalyzeSettings(draws=20_000))
    estimate = outcomes.estimate(outcomes.scores[:, 0, 0])
    assert estimate.observed == pytest.approx((1 + 10.5) / 2)
    error = np.sqrt(1 / 3 + 0.5 / 2) / 2  # variances of seeds are 1 and 1/2
    assert estimate.standard_error == pytest.approx(error, rel=0.03)
    low, high = estimate.interval(0.9)
    assert (high - low) / 2 == pytest.approx(t.ppf(0.95, 3) * estimate.standard_error)


def test_differences_between_tasks_do_not_widen_intervals_for_other_seeds():
    table = noisy()
    apart = table.assign(score=table["score"] + 7.0 * (table["task"] == "task1") * (table["recipe"] == "kd"))
    for made in (effects, interaction_score):
        one, other = made(study(table)), made(study(apart))
        changed = (one["low"] - other["low"]).abs() > 0.5
        assert changed.any()
        widths = one["high_seeds"] - one["low_seeds"], other["high_seeds"] - other["low_seeds"]
        np.testing.assert_allclose(*widths, rtol=1e-6)


@pytest.mark.parametrize("made", [interaction, interaction_score, effects])
def test_one_seed_tells_nothing_of_other_seeds(made):
    found = made(study(noisy(seeds=1, tasks=6)))
    assert found[["low_seeds", "high_seeds"]].isna().all(axis=None)
    assert found["low"].notna().all()
    assert (found["note"] == ONE_SEED).sum() == (made is not interaction)  # which says it of each verdict
    assert made(study(noisy(tasks=6)))[["low_seeds", "high_seeds"]].notna().all(axis=None)


def test_intervals_for_other_seeds_cover_what_these_tasks_give():
    settings = AnalyzeSettings(draws=200)
    ends, true = intervals_of_seeds(POPULATIONS["tasks differ most"], 8, 3, experiments=80, settings=settings)
    for quantity in ("sizes", "scores"):
        assert 0.925 < coverage(ends[quantity], true[quantity]).mean() < 0.98, quantity
