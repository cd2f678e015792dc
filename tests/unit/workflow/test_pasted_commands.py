"""Commands that are printed for people: a shell and make must understand them as they were meant."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from multipress.workflow import pasted_commands
from multipress.workflow.environment import ROOT

NAMES = [
    ["config/demo.yaml"],
    ["config/demo.yaml", "half.yaml"],
    ["my study.yaml", "another one.yaml"],
    ["it's.yaml", "a$b.yaml", 'say "yes".yaml'],
    ["a#b.yaml", "c;d.yaml", "e&f (1).yaml", "ü~*.yaml"],
]


@pytest.fixture
def told(tmp_path):
    """A function that runs a command of make with a Python that only writes down what it is told; what it was told."""
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport json, sys\nopen({str(tmp_path / 'told')!r}, 'w').write(json.dumps(sys.argv[1:]))\n"
    )
    python.chmod(0o755)

    def run(command):
        make, *words = command
        command = [make, "--silent", "--old-file", ".venv/installed", f"BIN={tmp_path}", *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return json.loads((tmp_path / "told").read_text()) if done.returncode == 0 else done.stderr

    return run


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_make_hands_on_what_the_printed_command_names(told, names):
    command = pasted_commands.make("gc", [Path(name) for name in names], YES="1")
    assert told(shlex.split(command)) == ["-m", "multipress", "gc", "--configfile", *names, "--yes"]


@pytest.mark.parametrize("target", ["audit", "why", "restore", "gc", "report"])
def test_every_target_looks_at_the_configurations_that_are_named(told, target):
    words = ["make", target, "CONFIG=one.yaml 'another one.yaml'"]
    assert told(words) == ["-m", "multipress", target, "--configfile", "one.yaml", "another one.yaml"]


def test_without_configuration_it_is_the_paper_and_for_why_the_demo(told):
    assert told(["make", "audit"]) == ["-m", "multipress", "audit"]
    assert told(["make", "why"]) == ["-m", "multipress", "why", "--configfile", "config/demo.yaml"]


def test_blanks_stay_together_in_other_variables_and_only_yes_means_yes(told):
    assert told(["make", "report", "RESULTS=my results"])[-2:] == ["--results", "my results"]
    assert told(["make", "restore", "REMOTE=my disk"])[-2:] == ["--remote", "my disk"]
    assert "to remove, say YES=1" in told(["make", "gc", "YES=0"])


def test_snakemakes_command_runs_where_the_user_stands(tmp_path, monkeypatch):
    configuration = tmp_path / "my study.yaml"
    configuration.write_text("study: {seeds: [2]}\n")
    monkeypatch.chdir(ROOT)
    assert shlex.split(pasted_commands.record([Path("a b.yaml")]))[1:5] == ["-m", "snakemake", "--profile", "local"]
    monkeypatch.chdir(tmp_path)
    command = pasted_commands.snakemake("all", "--dry-run", "--until", "train_tokenizer", configfiles=[configuration])
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, env=plain, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
