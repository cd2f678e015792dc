"""What is not needed any more is shown first, and removed with --yes: that, and nothing else."""

import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.dvc.repository import CONFIG, RESULTS


def test_what_is_needed_is_no_leftover(recorded):
    process = recorded.script("gc")
    assert process.returncode == 0, process.stderr
    assert process.stdout == "nothing to remove\n"


@pytest.fixture
def smaller(repository):
    """A repository with a task less than it has results of, a saved state, and bytes of no commit in DVC's cache."""
    content = b"of no commit" * 1000
    name = hashlib.md5(content, usedforsecurity=False).hexdigest()
    unused = repository.folder / ".dvc" / "cache" / "files" / "md5" / name[:2] / name[2:]
    unused.parent.mkdir(exist_ok=True)
    unused.write_bytes(content)
    repository.edit(CONFIG, "  - stsb\n  - mnli\n  - weather\n", "  - stsb\n  - mnli\n")
    repository.edit(CONFIG, "  tasks:\n  - mnli\n  - weather\n", "  tasks:\n  - mnli\n")
    state = repository.results / "scratch" / "prune" / "state.safetensors"
    state.parent.mkdir(parents=True)
    state.write_bytes(bytes(1000))
    return repository


def test_leftovers_are_shown_and_stay_until_told_to_go_and_no_run_is_under_way(smaller):
    shown = smaller.script("gc")
    assert shown.returncode == 0, shown.stderr
    for path in ("models/weather", "packed/weather", "evaluations/weather", "data/weather"):
        assert f"  {RESULTS}/{path}: the configuration names no such job" in shown.stdout
        assert (smaller.results / path).is_dir()
    assert "models/mnli" not in shown.stdout
    assert f"{RESULTS}/scratch: states to resume trainings from" in shown.stdout
    assert "1 files in DVC's cache, of no commit" in shown.stdout
    assert shown.stdout.splitlines()[-1].endswith(f"in all; nothing is removed yet: make gc CONFIG={CONFIG} YES=1")

    lock = smaller.folder / ".snakemake" / "locks" / "0.input.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.write_text(f"{RESULTS}/tables/results.csv\n")
    refused = smaller.script("gc", "--yes")
    assert refused.returncode == 1
    assert "a run is under way" in refused.stderr
    assert (smaller.results / "models" / "weather").is_dir()

    lock.unlink()
    assert smaller.script("gc", "--yes").returncode == 0
    assert not (smaller.results / "models" / "weather").exists()
    assert (smaller.results / "models" / "mnli" / "nano" / "seed1" / "ft" / "model.safetensors").is_file()
    assert smaller.script("gc").stdout == "nothing to remove\n"


HALF = "half of it.yaml"


@pytest.fixture
def halved(repository):
    """A second configuration that prunes otherwise, beside results of the paper, with links and a study inside."""
    (repository.folder / HALF).write_text("study: {sparsities: [0.5]}\nprobing: {recipes: []}\n")
    papers = repository.folder / "results" / "models" / "sst2" / "base" / "seed1" / "ft-mp60"
    papers.mkdir(parents=True)
    (papers / "model.safetensors").write_text("the paper's")
    elsewhere = repository.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "state.safetensors").write_text("somebody's")
    shutil.rmtree(repository.results / "scratch", ignore_errors=True)
    (repository.results / "scratch").symlink_to(elsewhere)
    (repository.results / "packed" / "shared").symlink_to(elsewhere)
    other = repository.results / "data" / "team" / "study"
    other.mkdir(parents=True)
    (other / "audit.json").write_text("{}")
    return repository


def all_files(folder):
    """Behind links, too."""
    return {f"{parent}/{name}" for parent, _, names in os.walk(folder, followlinks=True) for name in names}


def test_the_printed_command_removes_what_was_shown_and_nothing_else(halved):
    around = halved.folder.parent
    before = all_files(around)
    shown = halved.call("python", "-m", "multipress", "gc", "--configfile", CONFIG, HALF)
    assert shown.returncode == 0, shown.stderr
    assert all_files(around) == before
    listed = re.findall(r"B  (\S+): the configuration names no such job", shown.stdout)
    assert f"{RESULTS}/models/mnli/nano/seed1/ft-mp60" in listed
    assert (
        f"{RESULTS}/scratch: states to resume trainings from; left alone: it lies outside of {RESULTS}" in shown.stdout
    )
    assert f"{RESULTS}/data/team: the configuration names no such job; left alone: it holds" in shown.stdout
    assert "ft-mp60: the configuration names no such job, but the last recorded run had it" in shown.stdout

    command = shown.stdout.split("nothing is removed yet: ")[1].strip()
    assert command.startswith("make gc ")
    command = command.replace("make ", f"make --old-file .venv/installed BIN={Path(sys.executable).parent} ", 1)
    removed = halved.call("bash", "-c", command)
    assert removed.returncode == 0, removed.stderr
    gone = before - all_files(around)
    left_alone = f"{RESULTS}/data/team"
    folders = [str(halved.folder / path) for path in listed if path not in (left_alone, f"{RESULTS}/packed/shared")]
    assert gone == {file for file in before if file.startswith(tuple(f"{folder}/" for folder in folders))}
    assert gone


def test_a_cache_that_others_may_share_is_left_alone(smaller):
    shared = smaller.folder.parent / "shared cache"
    (smaller.folder / ".dvc" / "cache").rename(shared)
    assert smaller.dvc("cache", "dir", "--local", str(shared)).returncode == 0
    before = all_files(shared)
    done = smaller.script("gc", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"DVC's cache is left alone: it lies in {shared}" in done.stdout
    assert all_files(shared) == before
    assert not (smaller.results / "models" / "weather").exists()


def test_without_git_the_results_are_looked_through_all_the_same(smaller):
    shutil.rmtree(smaller.folder / ".git")
    done = smaller.script("gc")
    assert done.returncode == 0, done.stderr
    assert "DVC's cache is left alone: " in done.stdout
    assert f"{RESULTS}/models/weather: the configuration names no such job" in done.stdout
