import numpy as np
import pytest

from benchmarks.synthetic_study import Population
from multipress.analysis.additive_null import additive_null, seed_noise, summed, two_sided, without_interaction
from multipress.analysis.grid import grid
from multipress.analysis.holm import holm
from multipress.analysis.interaction import interaction
from multipress.analysis.paper import read_paper
from tests.unit.analysis.cases import study, without

EFFECTS = ["kd", "int8", "mp40", "mp60"]


def drawn(number, recovered, tasks=8, seeds=3):
    """A study of the paper's shape in which distilled models lose this much less to further compressions."""
    table = Population(task_spread=0.2).draw(np.random.default_rng([7, number]), tasks, seeds)
    return table.assign(score=table["score"] + (recovered - 0.6) * table["recipe"].str.startswith("kd-"))


def planted(**effects):
    """Scores of two tasks and two architectures, from effects of steps and of pairs of them (``kd_int8``)."""
    table = drawn(0, 0, tasks=2, seeds=2).query("arch in ['large', 'tiny']")
    base = table["task"].map({"task0": 80.0, "task1": 60.0}) + 5.0 * (table["arch"] == "large")
    steps = table["recipe"].str.split("-").map(set)
    change = [sum(size for name, size in effects.items() if set(name.split("_")) <= of) for of in steps]
    return table.assign(score=base + change)


def of_recipes(scores, of):
    """Scores of the first task and architecture by recipe."""
    return dict(zip(of.recipes, scores[0, 0], strict=True))


def double_difference(scores, one, other, both):
    return scores[both] - scores[one] - scores[other] + scores["ft"]


@pytest.mark.parametrize("combination", ["QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"])
def test_scores_that_add_up_are_left_as_they_are(combination):
    of = grid(planted(kd=1.2, int8=-0.3, mp40=-0.4, mp60=-1))
    np.testing.assert_allclose(without_interaction(of, combination), of.means)
    np.testing.assert_allclose(summed(of), of.means)


def test_the_tested_interaction_is_taken_out_and_the_others_stay():
    of = grid(planted(kd=1, int8=-1, mp40=-1, mp60=-2, kd_int8=0.8, kd_mp40=0.5, kd_mp60=0.7))
    fitted = of_recipes(without_interaction(of, "QAT+KD"), of)
    assert double_difference(fitted, "kd", "ft-int8", "kd-int8") == pytest.approx(0)
    assert double_difference(fitted, "kd", "ft-mp40", "kd-mp40") == pytest.approx(0.5)
    assert double_difference(fitted, "kd", "ft-mp60", "kd-mp60") == pytest.approx(0.7)
    alone = of_recipes(without_interaction(of, "QAT+KD+MP"), of)
    for one, other, both in (("kd", "ft-int8", "kd-int8"), ("kd", "ft-mp60", "kd-mp60")):
        assert double_difference(alone, one, other, both) == pytest.approx(0)


def test_the_fit_is_the_projection_on_the_terms():
    of = grid(drawn(1, 0.6))
    has = {name: np.array([name in recipe.split("-") for recipe in of.recipes], float) for name in EFFECTS}
    pairs = [("int8", "mp40"), ("int8", "mp60"), ("kd", "mp40"), ("kd", "mp60")]
    terms = np.column_stack([np.ones(12), *has.values(), *(has[one] * has[other] for one, other in pairs)])
    np.testing.assert_allclose(without_interaction(of, "QAT+KD"), of.means @ (terms @ np.linalg.pinv(terms)).T)


def test_a_missing_model_is_fitted_around():
    table = planted(kd=1, int8=-1, mp40=-1, mp60=-2)
    of = grid(without(table, task="task0", arch="tiny", recipe="kd-mp40"))
    fitted = without_interaction(of, "QAT+KD")
    np.testing.assert_array_equal(np.isnan(fitted), np.isnan(of.means))
    assert np.isnan(fitted).sum() == 1
    np.testing.assert_allclose(fitted[~np.isnan(fitted)], of.means[~np.isnan(fitted)])


def test_noise_is_the_standard_error_of_means_over_seeds():
    table = planted(kd=1).query("task == 'task0'")
    wide = table.assign(score=table["score"] + np.where(table["seed"] == 0, 1, -1) * (table["arch"] == "tiny"))
    assert seed_noise(grid(wide)) == pytest.approx([np.sqrt((2 + 0) / 2 / 2)])  # variances 2 and 0, of two seeds
    assert np.isnan(seed_noise(grid(wide.query("seed == 0")))).all()


def test_a_p_value_counts_draws_at_least_as_far_out_on_the_nearer_side_twice():
    draws = np.arange(99.0)[:, None] * [1, 1, 1, 1]
    observed = np.array([97.0, 0.0, 49.0, np.nan])
    assert two_sided(observed, draws) == pytest.approx([2 * 3 / 100, 2 * 2 / 100, 1, np.nan], nan_ok=True)
    assert np.isnan(two_sided(np.array([1.0]), np.array([[1.0], [np.nan]]))).all()


def test_additive_scores_in_the_papers_figure_1_give_more_than_the_product():
    null = additive_null(study(read_paper().results()))
    assert null.expected[-1] == pytest.approx([1.18, 1.13, 1.19, 1.42], abs=0.006)
    assert np.isnan(null.p).all()


def test_the_same_seed_gives_the_same_null_and_another_seed_another():
    first, again, other = (additive_null(study(drawn(0, 0), seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.p, again.p)
    assert (first.expected != other.expected).any()


def judged(recovered, studies=20):
    """The pooled rows of studies, and the share of them in which each combination has a direction."""
    tables = [interaction(study(drawn(number, recovered), draws=400)) for number in range(studies)]
    rows = [table[table["arch"] == "pooled"].set_index("combination") for table in tables]
    found = np.array([row["verdict"].isin(["super-multiplicative", "diminishing"]) for row in rows])
    return rows, dict(zip(rows[0].index, found.mean(axis=0), strict=True)), found.any(axis=1).mean()


def test_losses_that_add_up_seldom_have_a_direction():
    rows, _, any_direction = judged(recovered=0)
    assert any_direction <= 0.15
    beyond = [np.log(row["ratio"] / row["expected_if_additive"]) for row in rows]
    assert np.exp(np.mean(beyond, axis=0)) == pytest.approx(np.ones(4), abs=0.05)


def test_what_distillation_recovers_is_found_and_what_it_does_not_touch_is_not():
    rows, share, _ = judged(recovered=0.6)
    assert min(share["QAT+KD"], share["KD+MP"]) >= 0.9
    assert share["QAT+KD+MP"] >= 0.7
    assert share["QAT+MP"] <= 0.1
    assert all(row.loc["QAT+KD", "verdict"] != "diminishing" for row in rows)
    worse, _, _ = judged(recovered=-0.6, studies=5)
    assert all(row.loc["KD+MP", "verdict"] != "super-multiplicative" for row in worse)
    assert sum(row.loc["KD+MP", "verdict"] == "diminishing" for row in worse) >= 4


def test_pooled_rows_are_adjusted_among_themselves():
    table = interaction(study(drawn(2, 0.6)))
    for rows in (table[table["arch"] == "pooled"], table[table["arch"] != "pooled"]):
        assert rows["p_holm"].to_numpy() == pytest.approx(holm(rows["p"].to_numpy()))
        assert len(rows) in (4, 24)
