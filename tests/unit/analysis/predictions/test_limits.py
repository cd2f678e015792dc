"""The smallest model whose loss is surely within the tolerance, from predictions that are known by construction."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.predictions.limits import Evaluations, Loss, surest
from multipress.analysis.predictions.paired import Difference
from multipress.analysis.recommendation import recommend, trials
from multipress.core.errors import UserError
from tests.unit.analysis.predictions.files import write

SIZES = {"large/ft": 100.0, "base/ft": 30.0, "base/ft-int8": 8.0, "base/kd": 30.0}
WRONG = {"large/ft": 100, "base/ft": 104, "base/ft-int8": 104, "base/kd": 101}
"""Rows that each model answers wrong, of 1,000. All but base/ft-int8 are wrong in the same first rows."""


def answers(name, labels):
    found = labels.copy()
    wrong = np.arange(WRONG[name]) + (500 if name == "base/ft-int8" else 0)
    found[wrong] = 1 - found[wrong]
    return found


@pytest.fixture
def run(tmp_path):
    """A run's table, beside the predictions of its models: two tasks with one seed."""
    rows = []
    for task in ("rte", "sst2"):
        labels = np.resize([0, 1], 1000)
        for arch in ("large", "base"):
            names = {name: name.partition("/")[2] for name in SIZES if name.startswith(arch)}
            models = {recipe: answers(name, labels) for name, recipe in names.items()}
            file = write(tmp_path / "evaluations", models, labels, task, arch)
            file.with_name("metrics.json").write_text(json.dumps([{"metric": "accuracy"}]))
            rows += [(task, arch, recipe, 1, 100 - WRONG[name] / 10, SIZES[name]) for name, recipe in names.items()]
    table = pd.DataFrame(rows, columns=["task", "arch", "recipe", "seed", "score", "paper_mb"])
    (tmp_path / "tables").mkdir()
    table.to_csv(tmp_path / "tables" / "results.csv", index=False)
    return tmp_path


def choose(folder, within, confidence=0.9, task=None, of="large/ft"):
    results = pd.read_csv(folder / "tables" / "results.csv")
    candidates = recommend(results, of, within, "paper_mb", task)
    return surest(candidates, Evaluations(folder, of, trials(results, task)), within, confidence)


def test_a_small_model_whose_loss_may_be_chance_gives_way_to_a_surer_one(run):
    results = pd.read_csv(run / "tables" / "results.csv")
    assert recommend(results, "large/ft", 0.5, "paper_mb", None)[0].name == "base/ft-int8"
    found = choose(run, 0.5)
    assert found.model.name == "base/kd"
    assert found.loss.value == pytest.approx(0.1)
    # Of two tasks, each with one lost row of 1,000, and a half lost and a half won (Agresti and Min).
    assert found.loss.at_most == pytest.approx(0.1 + 1.2824 * np.sqrt(2 * (1 - 1e-3 + 1) * 0.01 / 4), rel=1e-3)
    assert [model.name for model, _ in found.doubtful] == ["base/ft-int8"]


def test_with_more_room_the_smallest_is_sure(run):
    found = choose(run, 3)
    assert (found.model.name, found.doubtful) == ("base/ft-int8", [])
    assert found.loss.value == pytest.approx(0.4)


def test_more_confidence_asks_for_more_room(run):
    limits = [choose(run, 3, confidence).loss.at_most for confidence in (0.5, 0.9, 0.99)]
    assert limits[0] == pytest.approx(0.4)
    assert limits == sorted(limits)


def test_a_model_is_sure_to_be_as_good_as_itself(run):
    found = choose(run, 0, task="rte")
    assert (found.model.name, found.loss.at_most) == ("large/ft", 0)


def test_of_one_task_the_limit_is_wider_than_of_two(run):
    assert choose(run, 5, task="rte").loss.at_most > choose(run, 5).loss.at_most


def loss(value, rows, seeds=0.0):
    return Loss(Difference(-value, rows, seeds, 1e9), {"rte": 277, "sst2": 872}, n_seeds=3, confidence=0.9)


def test_the_rows_that_would_decide_bring_the_limit_to_the_tolerance():
    found = loss(0.2, rows=1.0, seeds=0.01)
    times = found.times_more_rows(0.5)
    assert loss(0.2, rows=1.0 / times, seeds=0.01).at_most == pytest.approx(0.5)
    assert found.rows_for(0.5) == {"rte": int(np.ceil(277 * times)), "sst2": int(np.ceil(872 * times))}


def test_no_rows_decide_where_seeds_leave_the_doubt():
    assert loss(0.2, rows=1.0, seeds=1.0).rows_for(0.5) is None
    assert loss(0.6, rows=1.0).rows_for(0.5) is None
    assert loss(0.2, rows=1.0, seeds=0.04).at_most_by_seeds == pytest.approx(0.2 + 1.28155 * 0.2, rel=1e-4)


def test_a_loss_that_is_what_may_be_lost_is_known_as_such():
    exact = loss(100 * 5 / 1000, rows=1.0)
    assert (exact.is_at(0.5), exact.rows_for(0.5)) == (True, None)
    assert not loss(0.2, rows=1.0, seeds=1.0).is_at(0.5)


def test_predictions_of_other_scores_than_the_table_are_refused(run):
    table = pd.read_csv(run / "tables" / "results.csv")
    table.loc[table.recipe == "ft-int8", "score"] += 0.1
    table.to_csv(run / "tables" / "results.csv", index=False)
    with pytest.raises(UserError, match=r"base/ft-int8 loses 0.40 points by its predictions and 0.30 by the table"):
        choose(run, 0.5)


def test_models_with_other_rows_are_refused(run):
    labels = np.resize([1, 1, 0], 1000)
    write(run / "evaluations", {"ft-int8": labels}, labels, "sst2", "base")
    with pytest.raises(UserError, match="base/ft-int8 has other rows of sst2 than large/ft"):
        choose(run, 0.5)


def test_missing_predictions_are_told(run):
    labels = np.resize([0, 1], 1000)
    write(run / "evaluations", {"ft": labels}, labels, "sst2", "base")
    with pytest.raises(UserError, match=r"the predictions in .*sst2/base lack ft-int8"):
        choose(run, 0.5)
    (run / "evaluations/rte/large/seed1/metrics.json").write_text("[{}]")
    with pytest.raises(UserError, match="names no metric"):
        choose(run, 0.5)


def command(folder, *more):
    words = [sys.executable, "-m", "multipress", "recommend", "--results", str(folder / "tables/results.csv")]
    words += ["--of", "large/ft", *more]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_command_says_how_sure_it_is_and_what_would_decide(run):
    lines = command(run, "--within", "0.5", "--confidence", "0.9").stdout.splitlines()
    assert lines[0] == "model   base/kd"
    assert lines[3] == "change  loses 0.10 points, at most 0.23 with 90% confidence (0.10 if dev sets had no end)"
    assert lines[4].startswith(
        "smaller, but not sure: base/ft-int8 of 8.000 MB loses 0.40 points, at most 1.70 with 90%"
    )
    times = float(lines[5].removeprefix("what would decide: ").partition(" times")[0])
    assert times == pytest.approx((1.30 / 0.1) ** 2, rel=0.02)
    assert "rte 168," in lines[5]
    assert lines[6] == "smaller and not sure: 1 in all; each limit is for its model alone"
    assert lines[7] == "one seed: what another would change is in no limit"


def test_without_a_confidence_it_says_nothing_of_it(run):
    lines = command(run, "--within", "0.5").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["model", "size", "score"]


def test_a_table_from_anywhere_has_no_predictions(run):
    anywhere = run / "elsewhere" / "tables"
    anywhere.mkdir(parents=True)
    Path(run / "tables/results.csv").rename(anywhere / "results.csv")
    found = command(anywhere.parent, "--within", "0.5", "--confidence", "0.9")
    assert found.returncode == 1
    assert found.stderr.startswith("multipress recommend: error: --confidence needs the predictions of a run")
    assert found.stderr.count("\n") == 1
    assert "0.5 to below 1" in command(run, "--within", "0.5", "--confidence", "90").stderr
