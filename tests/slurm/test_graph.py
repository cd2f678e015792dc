"""The whole graph through SLURM."""

import csv
from collections import Counter

import pytest

TRAININGS = {"finetune": 2, "distill": 1, "prune": 2, "quantize": 4}
WITH_GPU = TRAININGS | {"label_with_teacher": 1, "calibrate": 1, "evaluate": 2}
PREPARATIONS = {"prepare_train": 1, "prepare_dev": 1, "train_tokenizer": 1, "tokenize": 4, "augment": 1}
WITHOUT = PREPARATIONS | {"export": 1, "pack": 1, "run_exported": 1}


@pytest.fixture(scope="module")
def accounts(cluster, finished):
    """What SLURM says about each job of the run: its rule, what it asked for, its state."""
    name = next(line.split()[-1] for line in finished.log.splitlines() if line.startswith("SLURM run ID"))
    fields = ["Comment", "ReqTRES", "TimelimitRaw", "State"]
    output = cluster.call(f"sacct -X -n -P --name {name} --format={','.join(fields)}")
    rows = [dict(zip(fields, line.split("|"), strict=True)) for line in output.splitlines()]
    return [row | {"rule": row["Comment"].split("_wildcards")[0].removeprefix("rule_")} for row in rows]


def test_every_model_is_in_the_table(finished):
    with (finished.results / "tables" / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert Counter(row["arch"] for row in rows) == {"nano": 9, "micro": 1}
    assert (finished.results / "figures" / "figure1.svg").is_file()


def test_every_job_ran_once_on_the_cluster(finished, accounts):
    assert Counter(finished.submitted()) == Counter(WITH_GPU | WITHOUT)
    assert Counter(row["rule"] for row in accounts) == Counter(WITH_GPU | WITHOUT)
    assert {row["State"] for row in accounts} == {"COMPLETED"}


def test_rules_that_compute_with_a_model_and_only_those_ask_for_a_gpu(accounts):
    assert {row["rule"] for row in accounts if "gres/gpu=1" in row["ReqTRES"]} == set(WITH_GPU)
    assert {row["rule"] for row in accounts if "gpu" not in row["ReqTRES"]} == set(WITHOUT)


def test_requests_are_those_of_the_formula(accounts):
    request = next(row for row in accounts if row["rule"] == "distill")
    assert "mem=3001M" in request["ReqTRES"]
    assert request["TimelimitRaw"] == "15"


def test_a_second_run_has_nothing_to_do(finished):
    assert finished.run("all") == 0
    assert "Nothing to be done" in finished.log
