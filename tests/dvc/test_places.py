"""Places as people have them: what git and DVC cannot do costs no record, and looking needs to write nothing."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.dvc.repository import CONFIG, RESULTS

ROW = ["--row", "mnli/nano/seed1/ft"]


def record(repository, *command):
    """Record the run anew; the last line of the job."""
    done = repository.snakemake("record", "--forcerun", "record", *command)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert (repository.results / "audit.json").is_file()
    assert "Traceback" not in done.stdout + done.stderr
    return (repository.results / "logs" / "record.log").read_text().splitlines()[-1]


def unpacked(repository):
    """As from a ZIP."""
    shutil.rmtree(repository.folder / ".git")
    return "DVC needs git: not under version control; git init && "


def results_elsewhere(repository):
    scratch = repository.folder.parent / "scratch disk"
    shutil.move(repository.folder / "results", scratch)
    (repository.folder / "results").symlink_to(scratch)
    return f"results is a link to {scratch}, and git and DVC keep nothing behind one"


def cache_that_is_gone(repository):
    shutil.rmtree(repository.folder / ".dvc" / "cache")
    (repository.folder / ".dvc" / "cache").symlink_to("/proc/none")
    return "No such file or directory"


def not_in_dvc_yaml(repository):
    repository.edit("dvc.yaml", "results: results/synthetic}", "results: results/synthetic/other}")
    return f"dvc.yaml has no study whose results are in {RESULTS}"


def parameters_that_are_gone(repository):
    repository.edit("dvc.yaml", f"{{config: {CONFIG}", "{config: config/moved.yaml")
    return "config/moved.yaml"


OBSTACLES = [unpacked, results_elsewhere, cache_that_is_gone, not_in_dvc_yaml, parameters_that_are_gone]


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda obstacle: obstacle.__name__)
def test_what_dvc_cannot_do_is_said_in_log_and_audit_and_the_rest_is_recorded_and_checked(repository, obstacle):
    reason = obstacle(repository)
    said = record(repository)
    assert said.startswith("not recorded with DVC: ")
    assert reason in said
    audit = repository.script("audit")
    assert audit.returncode == 2, audit.stdout + audit.stderr
    assert "NOT CHECKED: the run was not recorded with DVC: " in audit.stdout
    assert audit.stdout.count("NOT CHECKED") == 1
    assert "difference" not in audit.stdout


def test_single_folders_may_be_links(repository):
    shutil.move(repository.results / "models", repository.folder.parent / "models")
    (repository.results / "models").symlink_to(repository.folder.parent / "models")
    assert record(repository) == "DVC recorded study@demo"
    assert repository.script("audit").returncode == 0


def test_what_was_not_asked_for_is_no_check_that_could_not_be_made(repository):
    off = ["--config", "storage={'dvc': False}"]
    (repository.folder / "dvc.lock").unlink()
    assert record(repository, *off) == "not recorded with DVC: storage.dvc is false"
    audit = repository.script("audit", *off)
    assert audit.returncode == 0, audit.stdout
    assert "not asked for: storage.dvc is false" in audit.stdout
    assert repository.script("audit").returncode == 2, "asked for now, and not there"


def tables(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


WITHOUT_POWERS = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner,-chown"]
"""Root ignores modes; without these, it is a user as others."""


@pytest.fixture
def only_to_read(repository):
    """A copy that may not be written, and what calls a command there as somebody without any powers or HOME."""
    if os.geteuid() == 0 and repository.call(*WITHOUT_POWERS, "true").returncode:
        pytest.skip("this root has no powers to lay down")
    (repository.folder / "elsewhere.yaml").write_text("plot: {dots_per_inch: 51}\n")
    for path in [repository.folder, *repository.folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o555)
    plain = ["env", "HOME=/proc/none", *(WITHOUT_POWERS if os.geteuid() == 0 else [])]

    def call(*arguments):
        done = repository.call(*plain, sys.executable, "-B", *arguments)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    yield call
    for path in [repository.folder, *repository.folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def test_looking_needs_to_write_nothing(only_to_read, repository):
    study = ["--configfile", CONFIG]
    before = tables(repository.folder)
    assert only_to_read("-m", "multipress", "audit", *study).returncode == 0
    why = only_to_read("-m", "multipress", "why", *study, "elsewhere.yaml")
    assert "plot: plot.dots_per_inch 50 → 51" in why.stdout
    assert "nothing to remove" in only_to_read("-m", "multipress", "gc", *study).stdout
    traced = only_to_read("-m", "multipress", "trace", f"{RESULTS}/tables/results.csv", *ROW)
    assert "(as recorded)" in traced.stdout
    planned = only_to_read("-m", "snakemake", "-n", "all", "--profile", "local", *study, "elsewhere.yaml")
    assert planned.returncode == 0, planned.stderr
    assert "plot_training" in planned.stdout + planned.stderr
    assert tables(repository.folder) == before
    refused = only_to_read("-m", "snakemake", "all", "--profile", "local", *study, "elsewhere.yaml")
    assert refused.returncode != 0
    assert "cannot be written (Permission denied): run in a folder of your own" in refused.stdout + refused.stderr


def test_records_that_may_not_be_read_are_no_check_that_passed(only_to_read, repository):
    records = repository.folder / ".snakemake" / "metadata"
    for path in records.iterdir():
        path.chmod(0)
    audit = only_to_read("-m", "multipress", "audit", "--configfile", CONFIG)
    assert audit.returncode == 2, audit.stdout
    assert (
        f"NOT CHECKED: Snakemake's records in {records} cannot be read: who made the run must allow it" in audit.stdout
    )
    assert audit.stdout.count("NOT CHECKED") == 1
    why = only_to_read("-m", "multipress", "why", "--configfile", CONFIG)
    assert why.returncode == 1
    assert why.stderr.count("\n") == 1


def test_without_snakemakes_records_its_verdict_is_none_and_the_printed_command_writes_them(repository):
    shutil.rmtree(repository.folder / ".snakemake")
    why = repository.script("why").stdout
    assert "prune mnli/nano/seed1/ft-mp60: no record of how it was made" in why
    assert why.endswith("nothing is known to be stale\n")
    audit = repository.script("audit")
    assert audit.returncode == 2, audit.stdout
    reason = next(line for line in audit.stdout.splitlines() if line.startswith("snakemake"))
    assert "NOT CHECKED: Snakemake has no record of " in reason
    assert repository.call("bash", "-c", reason.split("let it write them: ")[1]).returncode == 0
    assert repository.script("audit").returncode == 0
    assert repository.script("why").stdout == "nothing is stale\n"


def test_a_file_of_tomorrow_stops_a_run_with_the_command_that_mends_it(repository):
    """A small one is harmless: Snakemake compares its bytes."""
    source = repository.folder / "weather" / "train.csv"
    os.utime(source, (2e9, 2e9))
    assert repository.stale() == set()
    source.write_text(source.read_text() + 40_000 * "one more day brought sun,good\n")
    os.utime(source, (2e9, 2e9))
    done = repository.snakemake("all")
    assert done.returncode != 0
    assert jobs_begun(done) == []
    line = next(line for line in (done.stdout + done.stderr).splitlines() if "is dated in the future" in line)
    assert repository.call("bash", "-c", line.split(": ")[-1]).returncode == 0
    assert Path(source).stat().st_mtime < 2e9


def jobs_begun(process):
    return [line for line in (process.stdout + process.stderr).splitlines() if line.startswith("Finished jobid")]
