"""Commands that look at a study: a missing configuration is status 2 and one line, a closed pipe is silence."""

import os
import subprocess
import sys

import pytest

from multipress.commands.verbs import parser
from multipress.workflow.environment import ROOT
from tests import forked

COMMANDS = ["audit", "gc", "report", "restore", "why"]


def call(*arguments):
    return forked.run_text([sys.executable, *arguments], cwd=ROOT)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_configuration_that_is_not_there_is_status_2_and_one_line(name):
    done = call("-m", "multipress", name, "--configfile", "config/demo.yaml", "nope.yaml")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"multipress {name}: error: ")
    assert "configuration nope.yaml does not exist" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--configfile", "config"], "configuration config is no file"),
        (["--configfile", "my", "study.yaml"], "CONFIG=\"'my study.yaml'\""),
        (
            ["--configfile", "config.yaml", "--configfile", "config/demo.yaml"],
            "stands twice, and only the last would count",
        ),
        (["--configfile"], "expected at least one argument"),
        (["--konfig", "a"], "unrecognized arguments: --konfig a"),
    ],
)
def test_every_mistake_of_the_command_line_is_status_2_and_one_line(arguments, words, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["multipress"])
    with pytest.raises(SystemExit) as stopped:
        parser().parse_args(["audit", *arguments])
    said = capsys.readouterr().err
    assert (stopped.value.code, said.count("\n")) == (2, 1)
    assert words in said


@pytest.mark.parametrize(("folder", "words"), [("nowhere", "does not exist"), ("README.md", "is no folder")])
def test_a_folder_that_is_none_is_one_line_and_is_not_made(folder, words):
    done = call("-m", "multipress", "why", "--directory", folder)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"{folder} {words}: name the folder" in done.stderr
    assert not (ROOT / "nowhere").exists()


@pytest.mark.parametrize("configuration", ["no_pair", "=3", "1=2"])
def test_a_config_that_is_no_pair_is_one_line(configuration):
    done = call("-m", "multipress", "audit", "--config", configuration)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"multipress audit: error: --config {configuration}: " in done.stderr


def test_a_report_of_results_that_are_not_there_is_one_line(tmp_path):
    (tmp_path / "mine.yaml").write_text("results: results/none\n")
    done = call("-m", "multipress", "report", "--configfile", str(tmp_path / "mine.yaml"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("multipress report: error: there are no results in results/none; make them first: ")
    assert "mine.yaml" in done.stderr


PRINTS_LINES = """
import argparse
from multipress.core.command_line import run_command
from tests import forked
run_command(lambda _: [print(number) for number in range({lines})], argparse.ArgumentParser())
"""


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_closed_pipe_ends_a_command_silently(lines):
    """With one line, it is found closed only when the last of the output is sent."""
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-c", PRINTS_LINES.format(lines=lines)]
    done = subprocess.run(command, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("name", ["why", "trace", "predict"])
def test_help_into_a_closed_pipe_is_silent_too(name):
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "multipress", name, "--help"]
    done = subprocess.run(command, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, check=False)
    os.close(writes)
    assert done.stderr == b""
