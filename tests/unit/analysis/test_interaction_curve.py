import math

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import t

from benchmarks.synthetic_study import Population
from multipress.analysis.all_tables import all_tables
from multipress.analysis.curves import Curve, common_range, log_times_smaller
from multipress.analysis.experiment import ONE_SEED
from multipress.analysis.grid import grid
from multipress.analysis.interaction_curve import geometric_mean, interaction_curve, jackknife_error, of_tasks
from multipress.analysis.paper import read_paper
from multipress.analysis.results_file import read_results
from multipress.analysis.settings import AnalyzeSettings
from multipress.compression import recipes
from tests.unit.analysis.cases import row, without

ALL = recipes.cross([["ft", "kd"], ["mp40", "mp60"], ["int8"]])
SIZES = {"xl": 32.0, "l": 16.0, "m": 8.0, "s": 4.0}
SCORES = {"xl": 90.0, "l": 88.0, "m": 86.0, "s": 84.0}
"""Twice the size for two points more, so that a point is a factor of the square root of 2."""

EFFECTS = {"kd": 1.0, "int8": -0.5, "mp40": -0.5, "mp60": -1.5}
FACTORS = {"int8": 4.0, "mp40": 1.5, "mp60": 2.0}


def results(recovered=0.0, tasks=("a", "b", "c"), names=ALL, effects=EFFECTS):
    """Losses add up, but distilled and pruned models lose ``recovered`` points less."""
    rows = []
    for task in tasks:
        for arch in SIZES:
            for recipe in names:
                steps = recipe.split("-")
                both = steps[0] == "kd" and any(step.startswith("mp") for step in steps)
                score = SCORES[arch] + sum(effects.get(step, 0) for step in steps) + recovered * both
                size = SIZES[arch] / math.prod(FACTORS.get(step, 1) for step in steps)
                rows.append((task, arch, recipe, 0, score, size))
    return pd.DataFrame(rows, columns=["task", "arch", "recipe", "seed", "score", "paper_mb"])


def curves(table, confidence=0.95):
    grids = {"paper_mb": grid(table)}
    return interaction_curve(of_tasks(grids, confidence), grids, confidence)


def per_task(table):
    return of_tasks({"paper_mb": grid(table)}, 0.95)


def pooled(table, method):
    return row(curves(table), range="pooled", method=method)


@pytest.mark.parametrize(
    ("method", "points", "factor"),
    [("QAT", -0.5, 4), ("KD", 1, 1), ("MP", -1, math.sqrt(3)), ("QAT+KD", 0.5, 4), ("KD+MP", 0, math.sqrt(3))],
)
@pytest.mark.parametrize("within", ["pooled", "xl to l", "l to m", "m to s"])
def test_a_shift_in_score_and_size_is_found_exactly(method, points, factor, within):
    found = row(curves(results()), range=within, method=method)
    assert found["times_smaller"] == pytest.approx(factor * 2 ** (points / 2))
    assert (found["n_tasks"], found["n_seeds"]) == (3, 1)
    assert found["note"] == (ONE_SEED if (within, method) == ("pooled", "QAT") else "")


@pytest.mark.parametrize("method", ["QAT+KD", "QAT+MP", "KD+MP", "QAT+KD+MP"])
def test_where_losses_add_up_sizes_multiply(method):
    found = pooled(results(), method)
    assert found["ratio"] == pytest.approx(1)
    assert found["product"] == pytest.approx(found["times_smaller"])


@pytest.mark.parametrize(("method", "beyond"), [("KD+MP", 2**0.5), ("QAT+KD+MP", 2**0.5), ("QAT+KD", 1)])
def test_what_a_combination_recovers_is_a_ratio_of_its_size(method, beyond):
    assert pooled(results(recovered=1), method)["ratio"] == pytest.approx(beyond)


def test_a_single_method_has_no_product():
    found = pooled(results(), "KD")
    assert np.isnan([found["product"], found["ratio"], found["ratio_low"], found["ratio_high"]]).all()


def test_only_scores_that_all_reach_are_compared():
    found = row(per_task(results()), task="a", range="pooled", method="KD+MP")
    # kd begins at 85, ft-mp60 ends at 88.5
    assert (found["score_low"], found["score_high"]) == (85, 88.5)
    inner = row(per_task(results()), task="a", range="m to s", method="KD+MP")
    assert (inner["score_low"], inner["score_high"]) == (85, 86)


def test_curves_without_a_score_in_common_say_so_and_leave_the_others():
    far = results(effects=EFFECTS | {"kd": 10.0})
    found = pooled(far, "KD")
    assert math.isnan(found["times_smaller"])
    assert found["n_tasks"] == 0
    assert found["note"] == "; ".join(f"{task}: ft, kd share no scores" for task in "abc")
    assert pooled(far, "QAT")["note"] == ONE_SEED
    assert pooled(far, "MP")["note"] == ""
    one_step = results(effects=EFFECTS | {"kd": 3.0})
    assert pooled(one_step, "KD")["times_smaller"] == pytest.approx(2**1.5)
    note = row(curves(one_step), range="m to s", method="KD")["note"]
    assert note.startswith("a: ft, kd share no scores between m and s")


def test_a_task_that_is_open_leaves_the_mean_open():
    table = pd.concat([results(tasks="ab"), results(tasks="c", effects=EFFECTS | {"kd": 10.0})])
    found = pooled(table, "KD")
    assert math.isnan(found["times_smaller"])
    assert (found["n_tasks"], found["note"]) == (2, "c: ft, kd share no scores")


def test_a_missing_model_is_named():
    table = without(results(), task="b", arch="m", recipe="kd-int8")
    found = pooled(table, "QAT+KD")
    assert math.isnan(found["ratio"])
    assert (found["n_tasks"], found["note"]) == (2, "b lacks m/kd-int8")
    assert pooled(table, "KD+MP")["note"] == ""


def test_a_sparsity_that_an_architecture_never_had_is_left_out():
    found = pooled(without(results(), arch="xl", recipe="kd-mp60"), "KD+MP")
    assert (found["recipes"], found["note"]) == ("kd-mp40", "")
    assert found["times_smaller"] == pytest.approx(1.5 * 2**0.25)


@pytest.mark.parametrize(
    ("table", "note"),
    [
        (results(names=["ft", "kd", "ft-mp40", "kd-mp60"]), "no recipe of KD+MP whose single methods are there"),
        (results(names=["kd", "ft-mp40", "kd-mp40"]), "no model is uncompressed (ft)"),
        (results().query("arch == 'l'"), "one architecture makes no curve"),
    ],
)
def test_what_has_no_curve_says_why(table, note):
    found = pooled(table, "KD+MP") if table["arch"].nunique() > 1 else row(per_task(table), task="a", method="KD+MP")
    assert math.isnan(found["times_smaller"])
    assert found["note"].startswith(note)


def test_one_task_has_no_interval():
    found = pooled(results(tasks="a"), "QAT")
    assert math.isnan(found["low"])
    assert (found["times_smaller"] > 1, found["note"]) == (True, "one task: no interval")


def test_intervals_are_students_over_tasks():
    shifts = {"a": 0.0, "b": 0.4, "c": 1.0, "d": -0.3}
    tables = [results(tasks=task, effects=EFFECTS | {"int8": shift}) for task, shift in shifts.items()]
    logs = np.array([math.log(4) + shift / 2 * math.log(2) for shift in shifts.values()])
    found = row(curves(pd.concat(tables), 0.9), range="pooled", method="QAT")
    low, high = t.interval(0.9, 3, logs.mean(), logs.std(ddof=1) / 2)
    assert np.log([found["low"], found["times_smaller"], found["high"]]) == pytest.approx([low, logs.mean(), high])
    assert geometric_mean(np.array([2.0, 8.0]), 0.95)[0] == pytest.approx(4)


def test_the_distance_is_the_integral_between_the_curves():
    figure = read_paper().figure1
    ft, kd = (
        Curve.of(*figure.loc[figure["recipe"] == name, ["score", "size_mb"]].to_numpy().T) for name in ("ft", "kd")
    )
    low, high = common_range([ft, kd])
    area, _ = quad(
        lambda score: float(ft.at(score) - kd.at(score)), low, high, points=[*ft.scores, *kd.scores], limit=99
    )
    assert log_times_smaller(ft, kd, low, high) == pytest.approx(area / (high - low))
    assert log_times_smaller(kd, ft, low, high) == pytest.approx(-area / (high - low))


def test_noise_that_breaks_a_curve_is_sorted_away():
    assert Curve.of(np.array([80.0, 84, 82]), np.array([1.0, 2, 4])).at(np.array([81.0, 82, 83])) == pytest.approx(
        np.log(2) * np.array([0.5, 1, 1.5])
    )


def test_models_of_one_score_make_a_step():
    step, ft = (
        Curve.of(np.array([80.0, 82, 82, 84]), np.array([1.0, 2, 4, 8])),
        Curve(np.array([80.0, 84]), np.zeros(2)),
    )
    assert log_times_smaller(ft, step, 80, 84) == pytest.approx(-np.log(2) * 1.5)


def test_noise_alone_makes_no_interaction():
    table = Population(seed_spread=0.8).draw(np.random.default_rng(5), 40, 3)
    recovered = table["recipe"].str.startswith("kd-")
    table["score"] -= 0.6 * recovered
    ratios = curves(table).query("range == 'pooled'")["ratio"].dropna()
    assert len(ratios) == 4
    assert ratios.between(0.93, 1.07).all()


def test_figure_1_of_the_paper_is_nearly_multiplicative():
    found = curves(read_paper().results()).query("range == 'pooled'").set_index("method")["ratio"]
    assert found.dropna().round(2).to_dict() == {"QAT+KD": 1.13, "QAT+MP": 0.98, "KD+MP": 1.05, "QAT+KD+MP": 1.19}


def test_every_size_that_models_have_is_compared(tmp_path):
    table = results()
    table["packed_mb"] = table["paper_mb"] * np.where(table["recipe"].str.endswith("int8"), 2.0, 1.0)
    table["paper_mb_no_embeddings"] = table["paper_mb"] ** 2
    table["deployed_mb"] = np.nan
    table.to_csv(tmp_path / "results.csv", index=False)
    tables = all_tables(read_results(tmp_path / "results.csv"), AnalyzeSettings(draws=100))
    found = (
        tables["interaction_curve"].query("range == 'pooled' and method == 'QAT'").set_index("size")["times_smaller"]
    )
    of_paper_mb = 4 * 2**-0.25
    assert found.to_dict() == pytest.approx(
        {"paper_mb": of_paper_mb, "packed_mb": of_paper_mb / 2, "paper_mb_no_embeddings": of_paper_mb**2}
    )


def noisy(seeds=3, spread=0.05):
    """The same results with seeds, and noise that differs between seeds alone."""
    table, random = results(recovered=1, tasks="abcd"), np.random.default_rng(4)
    several = pd.concat([table.assign(seed=seed) for seed in range(seeds)], ignore_index=True)
    return several.assign(score=several["score"] + random.normal(0, spread, len(several)))


def test_a_standard_error_of_seeds_is_that_of_the_logarithm_without_each_in_turn():
    logs = np.array([0.1, 0.4, 0.25, 0.7])
    without_one = (logs.sum() - logs) / 3
    assert jackknife_error(np.exp(without_one)) == pytest.approx(logs.std(ddof=1) / 2)
    assert math.isnan(jackknife_error(np.array([2.0])))
    assert math.isnan(jackknife_error(np.array([2.0, math.nan])))


def test_intervals_for_other_seeds_are_students_over_the_seeds_of_these_tasks():
    tasks = per_task(noisy()).query("range == 'pooled' and method == 'KD+MP'")
    found = pooled(noisy(), "KD+MP")
    for name, error, ends in (("times_smaller", "error", ""), ("ratio", "ratio_error", "ratio_")):
        reach = t.ppf(0.975, 2) * tasks[error]
        assert tasks[f"{ends}high_seeds"].to_numpy() == pytest.approx(tasks[name] * np.exp(reach))
        of_mean = t.ppf(0.975, 4 * 2) * math.sqrt((tasks[error] ** 2).sum()) / 4
        assert found[f"{ends}low_seeds"] == pytest.approx(found[name] * math.exp(-of_mean))
        assert found[f"{ends}high_seeds"] == pytest.approx(found[name] * math.exp(of_mean))


def test_the_error_of_seeds_is_the_spread_of_further_experiments():
    random, logs, errors = np.random.default_rng(5), [], []
    for _ in range(60):
        table = noisy()
        table["score"] = pd.concat([results(recovered=1, tasks="abcd")["score"]] * 3, ignore_index=True)
        tasks = per_task(table.assign(score=table["score"] + random.normal(0, 0.05, len(table))))
        tasks = tasks.query("range == 'pooled' and method == 'KD+MP'")
        logs.append(np.log(tasks["ratio"]).mean())
        errors.append((tasks["ratio_error"] ** 2).sum() / 16)
    assert math.sqrt(np.mean(errors)) == pytest.approx(np.std(logs, ddof=1), rel=0.25)


def test_one_seed_has_no_interval_for_other_seeds_and_the_first_row_says_so():
    table = curves(results())
    assert table[["low_seeds", "high_seeds", "ratio_low_seeds", "ratio_high_seeds"]].isna().all(axis=None)
    assert (table["note"] == ONE_SEED).tolist() == [True, *[False] * (len(table) - 1)]
    assert ONE_SEED not in set(curves(noisy())["note"])


def test_simultaneous_intervals_hold_for_all_methods_of_a_size_and_range():
    logs = np.log(per_task(noisy()).query("range == 'pooled' and method == 'KD+MP'")["ratio"])
    found = pooled(noisy(), "KD+MP")
    reach = t.ppf(1 - 0.05 / 4 / 2, 3) * logs.std(ddof=1) / 2  # four combinations
    assert found["ratio_high_simultaneous"] == pytest.approx(found["ratio"] * math.exp(reach))
    times = np.log(per_task(noisy()).query("range == 'l to m' and method == 'KD'")["times_smaller"])
    found = row(curves(noisy()), range="l to m", method="KD")
    reach = t.ppf(1 - 0.05 / 7 / 2, 3) * times.std(ddof=1) / 2  # seven methods
    assert found["low_simultaneous"] == pytest.approx(found["times_smaller"] * math.exp(-reach))
