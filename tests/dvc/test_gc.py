"""What is not needed any more is shown first, and removed with --yes."""

import hashlib

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
