import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from benchmarks.synthetic_study import ARCHS, Population
from multipress.analysis.scaling import design_of, fit, less, log_sizes, scaling, term
from tests.unit.analysis.cases import ALL, MULTIPLICATIVE, results, row, study, unlike, without

KNOWN = {"intercept": 80.0, "kd": 1.5, "int8": -0.4, "mp60": -1.1, "kd:mp60": 0.8, "kd:mp60:int8": -0.3}
KNOWN |= {"log2_size": 2.0, "kd:log2_size": -0.25, "mp60:int8:log2_size": 0.05}
ROOT = Path(__file__).parents[3]
POPULATION = Population(interaction_spread=0.3)


def drawn(tasks=4, seeds=2, number=0):
    return POPULATION.draw(np.random.default_rng([8, number]), tasks, seeds)


def terms_of(table):
    return {name: row(table, term=name) for name in table["term"]}


def with_known_effects(table):
    """The table with scores of known effects, and noise that is orthogonal to them."""
    size = np.log2(table["arch"].map(ARCHS))
    size -= np.log2(list(ARCHS.values())).mean()
    of_terms = {}
    for recipe in table["recipe"].unique():
        steps = set(recipe.split("-")) - {"ft"}
        held = table["recipe"].map(lambda name, steps=steps: steps <= set(name.split("-"))).astype(float)
        of_terms |= {term(recipe, of_size=False): held, term(recipe, of_size=True): held * size}
    columns = pd.DataFrame(of_terms).to_numpy()
    noise = np.linalg.qr(columns)[0]
    left = table["score"] - noise @ (noise.T @ table["score"])
    return table.assign(score=columns @ [KNOWN.get(name, 0.0) for name in of_terms] + left)


def test_known_effects_are_found():
    table = scaling(study(with_known_effects(drawn())))
    assert len(table) == 24
    for name, found in terms_of(table).items():
        assert found["estimate"] == pytest.approx(KNOWN.get(name, 0.0), abs=1e-7)
        assert found["low"] < found["estimate"] < found["high"]
        assert found["note"] == ""


def test_the_size_is_that_of_the_uncompressed_architecture_and_pruned_models_are_no_smaller():
    table = drawn()
    smaller = table.assign(paper_mb=table["paper_mb"].where(table["recipe"] == "ft", 1.0))
    pd.testing.assert_frame_equal(scaling(study(table)), scaling(study(smaller)))


def covariance(table, variances):
    """Of single scores: effects of each of these columns' levels within a task, and of the residual."""
    total = variances["residual"] * np.eye(len(table))
    for columns, variance in variances.items():
        if columns != "residual":
            levels = table.groupby(list(columns)).ngroup().to_numpy()
            total += variance * (levels[:, None] == levels)
    return total


def least_squares(columns, scores, weights):
    """Generalized: effects and their errors."""
    of_columns = columns.T @ np.linalg.inv(weights)
    inverse = np.linalg.inv(of_columns @ columns)
    return inverse @ of_columns @ scores, np.sqrt(np.diag(inverse))


def test_numbers_are_those_of_generalized_least_squares_on_single_scores():
    table, seeds = drawn(), 2
    of = study(table)
    design = design_of(of.grid, range(12), log_sizes(of.grid))
    assert list(design.groups) == ["task", "task:arch", "task:QAT", "task:KD", "task:MP", "task:recipe"]
    found = fit(design)
    recipe = table["recipe"].str
    table = table.assign(KD=recipe.startswith("kd"), MP=recipe.extract("(mp..)")[0].fillna(""))
    table = table.assign(QAT=recipe.contains("int8"))
    names = {"task": ("task",), "task:arch": ("task", "arch"), "task:recipe": ("task", "recipe")}
    names |= {f"task:{method}": ("task", method) for method in ("KD", "MP", "QAT")}
    shares = {names[name]: ratio for name, ratio in found.variances.items()}
    of_means = least_squares(design.columns, design.scores, covariance(_means(table), shares | {"residual": 1.0}))
    assert found.effects == pytest.approx(of_means[0], abs=1e-8)
    left = design.scores - design.columns @ found.effects
    weights = np.linalg.inv(covariance(_means(table), shares | {"residual": 1.0}))
    scale = left @ weights @ left / (len(left) - 24)
    assert found.errors == pytest.approx(of_means[1] * np.sqrt(scale), rel=1e-8)

    single = {columns: ratio * scale for columns, ratio in shares.items()}
    seeds_effect, in_common = 0.4 * single["task",] * seeds, 0.3 * scale
    single["task",] -= seeds_effect / seeds
    single |= {("task", "seed"): seeds_effect, ("task", "arch", "recipe"): in_common}
    single["residual"] = (scale - in_common) * seeds
    columns = design.columns[_means(table).set_index(["task", "arch", "recipe"]).loc[_models(table), "row"]]
    of_single = least_squares(columns, table["score"].to_numpy(), covariance(table, single))
    assert found.effects == pytest.approx(of_single[0], abs=1e-8)
    assert found.errors == pytest.approx(of_single[1], rel=1e-8)
    assert scale == pytest.approx(POPULATION.seed_spread**2 / seeds, rel=0.2)


def _means(table):
    """A row for each model in the order of the design's rows, numbered."""
    of = study(table).grid
    order = [dict(zip(names, range(len(names)), strict=True)) for names in (of.tasks, of.archs, of.recipes)]
    rows = table.drop_duplicates(["task", "arch", "recipe"])
    keys = [rows[name].map(places) for name, places in zip(("task", "arch", "recipe"), order, strict=True)]
    rows = rows.iloc[np.lexsort(keys[::-1])]
    return rows.assign(row=range(len(rows)))


def _models(table):
    return list(table[["task", "arch", "recipe"]].itertuples(index=False, name=None))


def restricted_likelihood(design, variances):
    """Its logarithm with the residual's variance at its best, but for a constant."""
    groups = pd.DataFrame({"of": design.tasks} | dict(design.groups))
    weights = np.eye(len(design.scores))
    for name, variance in variances.items():
        levels = groups.groupby(["of", name]).ngroup().to_numpy()
        weights += variance * (levels[:, None] == levels)
    effects, _ = least_squares(design.columns, design.scores, weights)
    left, inverse = design.scores - design.columns @ effects, np.linalg.inv(weights)
    freedom = len(left) - len(effects)
    of_columns = np.linalg.slogdet(design.columns.T @ inverse @ design.columns)[1]
    return -(freedom * np.log(left @ inverse @ left) + np.linalg.slogdet(weights)[1] + of_columns) / 2


def test_the_variances_are_the_most_likely_ones():
    of = study(drawn(seeds=1, number=3))
    design = design_of(of.grid, range(12), log_sizes(of.grid))
    found = fit(design).variances
    best = restricted_likelihood(design, found)
    assert set(found) == set(design.groups)
    for name in found:
        for factor in (0.9, 1.1):
            assert restricted_likelihood(design, found | {name: factor * found[name]}) < best


def test_intervals_and_p_values_are_students_over_tasks():
    found = row(scaling(study(drawn())), term="kd")
    reach = t.ppf(0.975, 3) * found["standard_error"]
    assert (found["low"], found["high"]) == pytest.approx((found["estimate"] - reach, found["estimate"] + reach))
    assert found["p"] == pytest.approx(2 * t.sf(abs(found["estimate"]) / found["standard_error"], 3))
    wide = row(scaling(study(drawn(), confidence=0.99)), term="kd")
    assert wide["high"] - wide["low"] > found["high"] - found["low"]


def test_what_differs_between_tasks_is_no_evidence_of_more_seeds_or_architectures():
    table = drawn()
    of_tasks = table["task"].map({f"task{number}": 2.0 * number for number in range(4)})
    moved = table.assign(score=table["score"] + of_tasks * table["recipe"].str.startswith("kd"))
    found = row(scaling(study(moved)), term="kd")
    assert found["standard_error"] == pytest.approx(np.std([0, 2, 4, 6], ddof=1) / 2, rel=0.3)


def test_rounding_changes_no_digit_of_the_table():
    table, random = drawn(tasks=3, seeds=1), np.random.default_rng(0)
    other = table.assign(score=table["score"] * (1 + random.normal(0, 1e-15, len(table))))
    pd.testing.assert_frame_equal(scaling(study(table)), scaling(study(other)), check_exact=False, atol=1e-9, rtol=0)


def test_a_term_is_held_to_all_that_have_fewer_of_its_steps():
    assert less("ft") == ["ft"]
    assert less("kd-int8") == ["kd-int8", "ft-int8", "kd", "ft"]
    assert set(less("kd-mp50-int8")) == set(ALL)
    assert [term("ft", False), term("ft", True), term("kd-mp50", True)] == [
        "intercept",
        "log2_size",
        "kd:mp50:log2_size",
    ]


def test_missing_models_leave_open_what_rests_on_them_and_nothing_else():
    found = terms_of(scaling(study(without(unlike(MULTIPLICATIVE), task="c", arch="small", recipe="ft-int8", seed=1))))
    open_ones = {name for name, each in found.items() if np.isnan(each["estimate"])}
    assert open_ones == {name for name in found if "int8" in name}
    assert {found[name]["note"] for name in open_ones} == {"c lacks small/ft-int8 (seed 1)"}
    assert found["kd"]["estimate"] == pytest.approx(5, abs=0.05)
    assert (found["kd"]["n_models"], found["int8"]["n_models"]) == (48, 47)


def test_a_recipe_without_its_single_steps_is_open_and_names_them():
    found = terms_of(scaling(study(unlike(names=["ft", "ft-int8", "ft-mp50-int8"]))))
    assert found["mp50:int8"]["note"] == "no results of ft-mp50"
    assert not np.isnan(found["int8"]["low"])
    nothing = scaling(study(unlike(names=["kd", "kd-int8"])))
    assert nothing["estimate"].isna().all()
    assert nothing["note"].str.startswith("no results of ft").all()


@pytest.mark.parametrize(
    ("table", "note"),
    [
        (unlike(tasks="a"), "one task says nothing of others"),
        (results(MULTIPLICATIVE), "no fit: scores differ by nothing but these terms and their task"),
    ],
)
def test_without_noise_or_further_tasks_nothing_is_known(table, note):
    found = scaling(study(table))
    assert found["note"].eq(note).all()
    assert found[["estimate", "standard_error", "low", "high", "p"]].isna().all(axis=None)


def test_one_architecture_has_effects_but_none_of_size():
    found = terms_of(scaling(study(unlike(MULTIPLICATIVE).query("arch == 'small'"))))
    assert found["kd"]["estimate"] == pytest.approx(10, abs=0.05)
    assert found["kd:log2_size"]["note"] == found["log2_size"]["note"] == "one architecture: no effect of size"
    assert np.isnan(found["log2_size"]["estimate"])
    alike = scaling(study(unlike(MULTIPLICATIVE).assign(paper_mb=3.0)))
    assert row(alike, term="log2_size")["note"] == "architectures of one size: no effect of size"


def test_scores_that_tell_no_model_from_another_give_no_interval():
    table = unlike(MULTIPLICATIVE)
    found = row(scaling(study(table.assign(score=table["score"].where(table["task"] != "a", 50.0)))), term="kd")
    assert not np.isnan(found["estimate"])
    assert np.isnan([found["standard_error"], found["low"], found["p"]]).all()
    assert found["note"] == "no interval: all models of task a have the score 50"


def test_random_effects_that_can_not_be_told_apart_are_one():
    of = study(drawn())
    design = design_of(of.grid, [of.grid.recipes.index("ft"), of.grid.recipes.index("kd")], log_sizes(of.grid))
    assert list(design.groups) == ["task", "task:arch", "task:KD"]
    tasks = study(drawn()).grid
    one = replace(tasks, archs=tasks.archs[:1], scores=tasks.scores[:, :1], sizes=tasks.sizes[:, :1])
    assert "task:arch" not in design_of(one, range(12), log_sizes(one)).groups


def test_statsmodels_is_imported_where_the_model_is_fitted_and_nowhere_else():
    code = "import multipress.analysis.all_tables, sys; sys.exit('statsmodels' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
