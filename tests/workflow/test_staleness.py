"""Which single jobs rerun: overrides, swapped values, more and fewer models, and changes that mean nothing."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from multipress.workflow.environment import ROOT
from multipress.workflow.staleness.rule_graph import follow
from multipress.workflow.staleness.table import TABLE
from tests import forked
from tests.runs import CONFIGS, check_out
from tests.workflow import graphs

RECIPES_OF_RUN = {"export", "pack", "run_exported", "measure_latency", "evaluate"}
"""Rules with one job for all recipes of one (task, arch, seed)."""
OF_ALL_PROBES = {"tabulate_probes", "plot_probes", "find_lost_rows"}
OF_PROBES_ALONE = OF_ALL_PROBES - {"find_lost_rows"}
PROBING = {"probe_data", "probe", "probe_untrained", *OF_ALL_PROBES}
AFTER_TRAINING = set(follow([*RECIPES_OF_RUN, "plot_training"])) - PROBING
"""Of models that are not probed."""
SUMMARIES = AFTER_TRAINING - {*RECIPES_OF_RUN, "represent"}
ANSWERS = SUMMARIES - {"plot_training"}


@pytest.fixture(scope="module")
def graph(finished, tmp_path_factory):
    return graphs.real(finished, tmp_path_factory.mktemp("staleness") / "real")


def models(jobs, *wildcards):
    """Values of these wildcards in the jobs of single models; None where a job has no such wildcard."""
    of_models = [job for job in jobs if job.rule not in {*SUMMARIES, *OF_ALL_PROBES, "score_floors"}]
    return {tuple(job.wildcards.get(name) for name in wildcards) for job in of_models}


def test_an_override_reruns_only_its_jobs(graph):
    override = {"task": "stsb", "arch": "nano", "stage": "prune", "set": {"epochs": 2}}
    jobs = graph.stale({"overrides": [override]})
    assert {job.name for job in jobs} == {
        *[f"prune stsb/nano/seed1/{parent}-mp60" for parent in ("ft", "kd")],
        *[f"quantize stsb/nano/seed1/{parent}-mp60-int8" for parent in ("ft", "kd")],
        "calibrate stsb/nano/seed1/kd-mp60-ptq8",
        *[f"{rule} stsb/nano/seed1" for rule in ("export", "pack", "run_exported", "evaluate")],
        *[f"represent stsb/nano/seed1/{recipe}" for recipe in ("ft", "ft-int8")],
        *[f"probe stsb/nano/seed1/{recipe}" for recipe in ("kd", "kd-mp60-int8")],
        *OF_ALL_PROBES,
        *SUMMARIES,
    }
    reasons = {job.name: job.reasons for job in jobs}
    assert reasons["prune stsb/nano/seed1/kd-mp60"] == ["prune.epochs 1.0 → 2.0"]
    assert reasons["tabulate"] == [
        "input results/synthetic/evaluations/stsb/nano/seed1/metrics.json will be remade by evaluate"
    ]


def test_an_override_of_the_teacher_reaches_its_students(graph):
    jobs = graph.stale({"overrides": [{"task": "mnli", "arch": "micro", "stage": "finetune", "set": {"epochs": 2}}]})
    assert models(jobs, "task") == {("mnli",)}
    retrained = {job.name for job in jobs if job.rule in ("finetune", "distill", "prune", "quantize")}
    assert retrained == {
        "finetune mnli/micro/seed1/ft",
        "distill mnli/nano/seed1/kd",
        "prune mnli/nano/seed1/kd-mp60",
        "quantize mnli/nano/seed1/kd-int8",
        "quantize mnli/nano/seed1/kd-mp60-int8",
    }


def test_an_override_that_says_what_holds_already_reruns_nothing(graph):
    assert graph.stale({"overrides": [{"task": "stsb", "stage": "prune", "set": {"epochs": 1}}]}) == []


def test_a_setting_without_effect_on_a_task_reruns_nothing_of_it(graph):
    assert models(graph.stale({"distill": {"temperature": 3.0}}), "task") == {("mnli",), ("weather",)}


def test_swapped_values_are_noticed(graph):
    swapped = {"weight_decay": 0.1, "warmup_fraction": 0.01}
    stale = {job.rule for job in graph.stale({"quantize": swapped})}
    assert stale == {"quantize", "probe", *OF_ALL_PROBES, *AFTER_TRAINING}
    spec = {"micro": {"layers": 2, "hidden": 32, "heads": 2, "feed_forward": 16}}
    assert "finetune" in graph.rules({"custom_architectures": spec})


def test_a_changed_dev_set_hides_no_stale_training(graph):
    """Snakemake's ancient() did: a training after a remade dev set was not looked at."""
    jobs = graph.stale({"data": {"max_dev_rows": 20}, "prune": {"epochs": 2}})
    pruned = {"prune", "quantize", "calibrate"}
    assert {job.rule for job in jobs} == {"prepare_dev", "tokenize", "score_floors", *pruned, *PROBING, *AFTER_TRAINING}
    assert {job.wildcards["split"] for job in jobs if job.rule == "tokenize"} == {"dev", "dev_mismatched"}


def test_an_edited_dev_file_trains_nothing(graph, tmp_path):
    copy = graph.copy(tmp_path / "copy")
    file = copy.folder / "weather" / "validation.csv"
    file.write_text(file.read_text().replace("sun", "fog", 1))
    jobs = copy.stale()
    assert {job.rule for job in jobs} == {
        "prepare_dev",
        "tokenize",
        "run_exported",
        "measure_latency",
        "represent",
        "evaluate",
        "score_floors",
        *PROBING,
        *ANSWERS,
    }
    assert jobs[0].reasons == ["input weather/validation.csv is newer"]


def test_an_edited_training_file_reruns_its_task(graph, tmp_path):
    copy = graph.copy(tmp_path / "copy")
    file = copy.folder / "weather" / "train.csv"
    file.write_text(file.read_text().replace("sun", "fog", 1))
    assert models(copy.stale(), "task") == {("weather",)}


def test_another_task_runs_its_own_jobs(graph):
    jobs = graph.stale({"study": {"tasks": ["stsb", "mnli", "weather", "rte"]}})
    assert models(jobs, "task") == {("rte",)}
    assert {job.rule for job in jobs} >= {"generate_data", "finetune", "distill", "evaluate", *SUMMARIES}


def test_another_seed_runs_its_own_jobs(graph):
    jobs = graph.stale({"study": {"seeds": [1, 2]}})
    assert models(jobs, "seed") == {("2",)}
    assert {job.rule for job in jobs} >= {"finetune", "label_with_teacher", "distill", "evaluate", *SUMMARIES}


def test_another_architecture_runs_its_own_jobs(graph):
    shape = {"pico": {"layers": 2, "hidden": 8, "heads": 2, "feed_forward": 8}}
    jobs = graph.stale({"study": {"architectures": ["nano", "pico"]}, "custom_architectures": shape})
    assert models(jobs, "arch") == {("pico",)}
    assert {job.rule for job in jobs} >= {"pretrain", "finetune", "distill", "evaluate", *SUMMARIES}


@pytest.mark.parametrize(("key", "value", "step"), [("sparsities", [0.6, 0.5], "-mp50"), ("bits", [8, 5], "-int5")])
def test_another_compression_trains_its_own_models(graph, key, value, step):
    jobs = graph.stale({"study": {key: value}})
    trained = [job.name for job in jobs if job.rule in ("finetune", "distill", "prune", "quantize")]
    assert trained
    assert all(step in name for name in trained)
    assert {job.name for job in jobs if job.rule == "evaluate"} == {
        f"evaluate {task}/nano/seed1" for task in ("stsb", "mnli", "weather")
    }


@pytest.mark.parametrize(
    ("study", "dissected", "probed", "rules"),
    [
        ({"tasks": ["mnli", "weather"]}, "ft-int8", "kd-mp60-int8", {*SUMMARIES, *OF_ALL_PROBES, "score_floors"}),
        # Where the uncompressed model alone is probed, no rows are lost.
        (
            {"sparsities": [], "recipes": ["ft-ptq8"]},
            "ft-int8",
            "kd",
            {"probe", *AFTER_TRAINING, *OF_PROBES_ALONE},
        ),
        ({"bits": []}, "ft-ptq8", "kd", {"probe", *AFTER_TRAINING, *OF_PROBES_ALONE}),
    ],
)
def test_fewer_models_train_nothing(graph, study, dissected, probed, rules):
    parts = {"dissection": {"recipes": [dissected]}, "probing": {"recipes": [probed]}}
    assert graph.rules({"study": study, **parts}) == rules


def test_a_run_with_fewer_models_and_rows_keeps_the_models_and_drops_them_from_the_tables(graph, tmp_path):
    copy = graph.copy(tmp_path / "copy")
    before = {path: path.stat().st_mtime_ns for path in copy.folder.glob("results/synthetic/models/**/*.safetensors")}
    config = [
        "study={'tasks': ['mnli', 'weather'], 'sparsities': [], 'recipes': ['ft-ptq8']}",
        "data={'max_dev_rows': 20}",
        "probing={'recipes': ['kd']}",
    ]
    process = copy.workflow.run("all", config=config)
    assert process.returncode == 0, process.stdout + process.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before
    table = pd.read_csv(copy.folder / "results/synthetic/tables/results.csv")
    assert set(table.task) == {"mnli", "weather"}
    assert set(table[table.arch == "nano"].recipe) == {"ft", "ft-int8", "kd", "kd-int8", "ft-ptq8"}
    assert set(table.rows) == {20}
    assert "stsb" not in (copy.folder / "results/synthetic/figures/per_task.svg").read_text()
    again = copy.workflow.run("all", config=config)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_reordered_keys_and_comments_mean_nothing(graph, tmp_path):
    values = yaml.safe_load((ROOT / "config" / "demo.yaml").read_text())
    backwards = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in reversed(values.items())
    }
    file = tmp_path / "backwards.yaml"
    file.write_text("# Another comment\n" + yaml.safe_dump(backwards, sort_keys=False))
    assert graphs.Graph(graph.folder, [file, CONFIGS[1]]).stale() == []


def test_a_reordered_study_means_nothing(graph):
    assert graph.stale({"study": {"tasks": ["weather", "mnli", "stsb"]}}) == []


def test_touched_files_mean_nothing(graph, tmp_path):
    copy = graph.copy(tmp_path / "copy")
    for path in copy.folder.rglob("*"):
        if ".snakemake" not in path.parts and path.is_file():
            path.touch()
    assert copy.stale() == []


def test_a_fresh_clone_finds_copied_results_fresh(graph, tmp_path):
    root, results = check_out(tmp_path / "clone"), tmp_path / "results"
    subprocess.run(["cp", "--recursive", "--no-preserve=all", graph.folder, results], check=True)
    assert graphs.Graph(results, CONFIGS).stale(root=root) == []


def test_results_without_snakemakes_records_are_adopted_by_touch(graph, tmp_path):
    copy = graph.copy(tmp_path / "copy")
    shutil.rmtree(copy.folder / ".snakemake")
    assert copy.workflow.run("all", flags=["--touch", "--forceall"]).returncode == 0
    assert copy.stale() == []
    (drawn,) = (row.rules for row in TABLE if row.key == "plot.dots_per_inch")
    assert copy.rules({"plot": {"dots_per_inch": 100}}) == set(follow(drawn))


def test_why_prints_a_line_for_each_reason(graph):
    command = [
        sys.executable,
        "-m",
        "multipress",
        "why",
        "--configfile",
        *CONFIGS,
        "--directory",
        str(graph.folder),
    ]
    process = forked.run_text([*command, "--config", "quantize={'learning_rate_factor': 1.0}"], cwd=ROOT)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert "quantize stsb/nano/seed1/ft-int8: quantize.learning_rate 0.0002 → 0.001" in lines
    jobs = graph.stale({"quantize": {"learning_rate_factor": 1.0}})
    assert len(jobs) > 17
    assert lines[-1] == f"{len(jobs)} jobs are stale"
    process = forked.run_text([*command, "--json", "--config", "quantize={'learning_rate_factor': 1.0}"], cwd=ROOT)
    told = json.loads(process.stdout)
    assert [f"{job['name']}: {reason}" for job in told["stale"] for reason in job["reasons"]] == lines[:-1]
    assert told["unrecorded"] == []
    fresh = forked.run_text(command, cwd=ROOT)
    assert fresh.returncode == 0, fresh.stderr
    assert fresh.stdout == "nothing is stale\n"
