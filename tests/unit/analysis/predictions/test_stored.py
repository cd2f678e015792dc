import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from multipress.analysis.predictions.both_tables import Comparison, prediction_tables
from multipress.analysis.predictions.stored import read_cell, runs_of
from multipress.core.errors import UserError
from tests.unit.analysis.predictions.files import write

LABELS = np.array([0, 1, 1, 0])
MODELS = {"ft": LABELS, "kd": 1 - LABELS}


def test_models_are_found_by_recipe_seed_and_dev_set(tmp_path):
    further = ("dev_mismatched", LABELS[:2], {"ft": LABELS[:2]})
    files = [write(tmp_path, MODELS, LABELS, seed=seed, splits=[further]) for seed in (3, 1)]
    found = read_cell(runs_of(files))
    assert (found.task, found.arch, found.n_labels) == ("rte", "base", 2)
    assert found.seeds("ft", "kd") == [1, 3]
    assert set(found.models["ft"][1]) == {"dev", "dev_mismatched"}
    assert found.predictions()["kd", 3].tolist() == [1, 0, 0, 1]
    assert set(read_cell(runs_of(files), ["kd"]).models) == {"kd"}


@pytest.mark.parametrize("others", [{"labels": 1 - LABELS}, {"idx": [0, 1, 2, 4]}, {"labels": LABELS[:3]}])
def test_seeds_with_other_rows_are_refused(tmp_path, others):
    labels = others.get("labels", LABELS)
    models = {"ft": np.zeros(len(labels), int)}
    files = [write(tmp_path, {"ft": LABELS}, LABELS), write(tmp_path, models, seed=2, **{"labels": labels} | others)]
    with pytest.raises(UserError, match=r"seed2/predictions.parquet holds other rows of dev than .*seed1"):
        read_cell(runs_of(files))


def test_files_that_are_none_are_told_in_a_line(tmp_path):
    file = write(tmp_path, MODELS, LABELS)
    file.write_text("nothing")
    with pytest.raises(UserError, match=r"cannot be read as predictions .*; delete it and rerun the rule evaluate"):
        read_cell(runs_of([file]))
    pd.DataFrame({"recipe": ["ft"]}).to_parquet(file)
    with pytest.raises(UserError, match="rerun the rule evaluate"):
        read_cell(runs_of([file]))
    file.unlink()
    with pytest.raises(UserError, match="is missing; rerun the rule evaluate"):
        read_cell(runs_of([file]))
    with pytest.raises(UserError, match="does not lie in a folder task/arch/seed1"):
        runs_of([tmp_path / "predictions.parquet"])


def test_a_task_without_a_metric_is_told(tmp_path):
    files = [write(tmp_path, MODELS, LABELS, task=task) for task in ("rte", "cola")]
    with pytest.raises(UserError, match="no metric of cola"):
        prediction_tables(files, Comparison(metrics={"rte": "accuracy"}))


def test_the_command_writes_both_tables_in_the_order_of_the_files(tmp_path):
    files = [
        write(tmp_path / "e", MODELS, LABELS, task, arch, seed)
        for task in ("sst2", "rte")
        for arch in ("large", "base")
        for seed in (1, 2)
    ]
    tables = {name: tmp_path / f"{name}.csv" for name in ("significance", "changes")}
    command = [sys.executable, "-m", "workflow_scripts.compare_predictions"]
    command += ["--params", '{"metrics": {"rte": "accuracy", "sst2": "f1"}, "draws": 100}', "--predictions", *files]
    for name, file in tables.items():
        command += [f"--{name}", file]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("8 rows of changes, 4 comparisons\n")
    changes, significance = (pd.read_csv(tables[name]) for name in ("changes", "significance"))
    order = [("sst2", "large"), ("sst2", "base"), ("rte", "large"), ("rte", "base")]
    assert [tuple(pair) for pair in changes[["task", "arch"]].drop_duplicates().to_numpy()] == order
    assert significance["difference"].tolist() == [-100] * 4
    assert significance["metric"].tolist() == ["f1", "f1", "accuracy", "accuracy"]
