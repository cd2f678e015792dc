"""Dry runs: each says why its jobs would run, and a signal ends it and every other command that plans."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from multipress.workflow.environment import ROOT
from multipress.workflow.snakemake_api import LOCKS, dry_run
from multipress.workflow.step_settings import recipe_in

PROFILE = ["--dry-run", "--profile", str(ROOT / "local")]


@pytest.fixture(scope="module")
def graph(believed):
    return believed("synthetic")


def requested(graph, config, resource, wanted):
    """What the wanted jobs of the graph with other settings ask for, by their wildcards."""
    with dry_run(["all"], [ROOT / name for name in graph.configs], config, graph.folder) as planned:
        return [(job.wildcards, job.resources[resource]) for job in planned.jobs() if wanted(job)]


def said(process):
    assert process.returncode == 0, process.stderr
    lines = (process.stdout + process.stderr).splitlines()
    return [line.strip() for line in lines[lines.index("Why:") + 1 : lines.index("", lines.index("Why:"))]]


def test_it_names_the_keys(graph):
    lines = said(
        graph.workflow.run("all", flags=PROFILE, config=["plot={'dots_per_inch': 123}", "prune={'epochs': 7}"])
    )
    assert any(line.startswith("prune ×") and line.endswith(": prune.epochs 1.0 → 7.0") for line in lines)
    assert "plot_latency: plot.dots_per_inch 50 → 123" in lines
    assert any(line.startswith("export ×") and ": follows " in line for line in lines)


def test_it_names_new_models_and_edited_files(graph, tmp_path):
    copy = graph.copy(tmp_path / "copy")
    rows = copy.folder / "weather" / "train.csv"
    rows.write_text(rows.read_text() + "a last day,good\n")
    lines = said(copy.workflow.run("all", flags=PROFILE, config=["study={'recipes': ['ft-ptq8', 'kd-ptq4']}"]))
    assert "prepare_train weather: input weather/train.csv is newer" in lines
    assert "calibrate ×3: new" in lines


def test_nothing_to_be_done_has_no_reason(graph):
    process = graph.workflow.run("all", flags=PROFILE)
    output = process.stdout + process.stderr
    assert "Nothing to be done" in output
    assert "Why:" not in output


def test_a_teacher_of_features_counts_in_what_its_students_ask_for(graph):
    """Token files are empty here: only the models take memory."""
    wide = {"layers": 96, "hidden": 8, "heads": 2, "feed_forward": 65_536}

    def memory(**changes):
        config = {"custom_architectures": {"wide": wide}, "study": {"teacher": "wide"}} | changes
        jobs = requested(graph, config, "mem_mb", lambda job: "step" in job.wildcards)
        return {recipe_in(wildcards): megabytes for wildcards, megabytes in jobs if wildcards["arch"] == "nano"}

    own, wider = memory(), memory(distill_features={"teacher": "wide"})
    weights_mb = 4 * 96 * 2 * 8 * 65_536 / 1e6
    taught = {name for name in own if name.startswith("fkd")}
    assert {name for name in own if wider[name] > own[name] + weights_mb} == taught != set()


def test_probes_ask_for_time_by_their_examples(graph):
    """Not by rows of the dev set, of which they take some."""

    def minutes(examples):
        config = {"probing": {"recipes": ["kd"], "examples": examples}}
        return {time for _, time in requested(graph, config, "runtime", lambda job: job.rule == "probe")}

    (few,), (many,) = minutes(40), minutes(20_000)
    assert few < many


@pytest.mark.parametrize(
    ("command", "number", "status"),
    [
        ("snakemake -n all", signal.SIGINT, 128 + signal.SIGINT),
        ("snakemake -n all", signal.SIGTERM, 128 + signal.SIGTERM),
        ("snakemake all --cores 1", signal.SIGHUP, 128 + signal.SIGHUP),
        ("multipress why", signal.SIGINT, 128 + signal.SIGINT),
        ("multipress audit", signal.SIGINT, 128 + signal.SIGINT),
    ],
)
def test_a_signal_ends_planning_at_once(tmp_path, command, number, status):
    many = tmp_path / "many.yaml"
    many.write_text(f"study: {{seeds: {list(range(40))}}}\n")
    module, *arguments = command.split()
    arguments += ["--snakefile", str(ROOT / "Snakefile")] if module == "snakemake" else []
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments, "--configfile", str(many)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until_it_plans(process, tmp_path)
    process.send_signal(number)
    _, output = process.communicate(timeout=30)  # planning takes longer
    assert process.returncode == status, output
    assert "Traceback" not in output
    assert not list((tmp_path / LOCKS).glob("*"))


def catches(process, number):
    """Whether a process has a handler of a signal."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def wait_until_it_plans(process, folder):
    """Until it reads the rules and answers signals, and for a second more."""
    while not (folder / ".snakemake").exists() or not catches(process, signal.SIGHUP):
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(1)
    assert process.poll() is None
