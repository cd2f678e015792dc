"""The end of the graph: alone, under dvc repro, and where it must not record."""

import json
import sys

import pytest
import yaml
from dvc.repo import Repo

from multipress.workflow.staleness.table import TABLE
from tests.dvc.repository import CONFIG, RESULTS
from tests.runs import git


def locked(repository):
    """The study's entry in dvc.lock."""
    return yaml.safe_load((repository.folder / "dvc.lock").read_text())["stages"]["study@demo"]


def record(repository):
    return json.loads((repository.results / "audit.json").read_text())


def jobs_run(process):
    """Rules that Snakemake ran."""
    text = process.stdout + process.stderr
    return {line.split("Rule: ")[1].split(")")[0] for line in text.splitlines() if line.startswith("Finished jobid")}


def test_every_output_of_the_graph_has_its_bytes_settings_code_and_times(recorded):
    found = record(recorded)
    made = {file for job in found["jobs"] for file in job["outputs"]}
    for file in made:
        assert (recorded.folder / file).is_file()
        assert len(found["files"][file]) == 32
    for job in found["jobs"]:
        assert job["code"] in found["modules"]
        assert job["seconds"] > 0
        assert job["commit"] == found["commit"]
    assert found["changed_files"] == []
    assert {"torch", "snakemake", "dvc", "Python"} <= found["software"].keys()
    assert {"processor", "memory", "gpus"} <= found["hardware"].keys()
    assert not [file for file in found["files"] if "/logs/" in file or "/scratch/" in file]
    assert "weather/train.csv" in found["files"]
    paths = {out["path"] for out in locked(recorded)["outs"]} - {f"{RESULTS}/audit.json"}
    assert set(found["paths"]) == paths, "dvc.yaml must name each path where a job writes"


def test_dvc_keeps_what_git_does_not(recorded):
    kept = {out["path"]: out for out in locked(recorded)["outs"]}
    in_git = set(git(recorded.folder, "ls-files", "results").splitlines())
    assert f"{RESULTS}/metrics.json" in in_git
    assert f"{RESULTS}/tables/results.csv" in in_git
    assert not [file for file in in_git if "/models/" in file]
    assert kept[f"{RESULTS}/models"]["nfiles"] > 0
    assert recorded.dvc("data", "status").stdout.strip() in ("", "No changes.")


def test_dvc_repro_reruns_what_snakemake_finds_stale_and_nothing_else(repository):
    process = repository.dvc("repro", "study@demo")
    assert process.returncode == 0, process.stderr
    assert jobs_run(process) == set()
    assert "Nothing to be done" in process.stdout + process.stderr
    before = record(repository)
    repository.edit(CONFIG, "  draws: 100\n", "  draws: 120\n")
    process = repository.dvc("repro", "study@demo")
    assert process.returncode == 0, process.stderr
    (answers,) = (row.rules for row in TABLE if row.key == "analyze.draws")
    assert jobs_run(process) == {*answers, "all"}
    assert locked(repository)["params"][CONFIG]["analyze"]["draws"] == 120
    trained = [job["name"] for job in record(repository)["jobs"] if job["rule"] == "prune"]
    times = {job["name"]: job["finished"] for job in before["jobs"]}
    assert all(job["finished"] == times[job["name"]] for job in record(repository)["jobs"] if job["name"] in trained)
    shown = repository.dvc("params", "diff", "--targets", CONFIG).stdout
    assert "analyze.draws" in shown


def test_a_run_with_settings_of_the_command_line_is_recorded_but_not_with_dvc(repository):
    before = locked(repository)
    process = repository.snakemake("all", "--config", "plot={'paper_points': True}")
    assert process.returncode == 0, process.stderr
    assert record(repository)["configuration"]["plot"]["paper_points"] is True
    assert locked(repository) == before
    log = (repository.results / "logs" / "record.log").read_text()
    assert f"not recorded with DVC: plot.paper_points is not as {CONFIG} says" in log


def test_small_numbers_folders_of_former_studies_and_where_jobs_compute_are_no_difference(repository):
    """DVC writes 5e-05, which is a text to PyYAML; no latency is measured any more; runtime changes no result."""
    study = yaml.safe_load((repository.folder / CONFIG).read_text())
    study["analyze"]["equivalence"] = 0.00005
    study["latency"]["tasks"] = []
    text = yaml.safe_dump(study, sort_keys=False)
    assert "5.0e-05" in text
    (repository.folder / CONFIG).write_text(text)
    process = repository.snakemake("all", "--config", "runtime={'processes': 2}")
    assert process.returncode == 0, process.stderr
    assert "equivalence: 5e-05" in (repository.folder / "dvc.lock").read_text()
    assert any((repository.results / "latency").rglob("*.csv"))
    process = repository.script("audit")
    assert process.returncode == 0, process.stdout


def test_nothing_stale_is_recorded(repository):
    """By a user who calls the script, or makes Snakemake look at times alone."""
    repository.edit(CONFIG, "prune:\n  epochs: 1\n", "prune:\n  epochs: 2\n")
    before = locked(repository)
    process = repository.snakemake("record", "--forcerun", "record", "--rerun-triggers", "mtime")
    assert process.returncode != 0
    assert "jobs are stale, first prune " in process.stdout + process.stderr
    assert "Traceback" not in process.stdout + process.stderr
    assert locked(repository) == before


def test_a_busy_dvc_is_told_in_one_line_costs_no_record_and_the_printed_command_records(repository):
    with Repo(str(repository.folder)) as repo, repo.lock:
        process = repository.snakemake("record", "--forcerun", "record")
    assert process.returncode == 0, process.stderr
    assert "multipress: not recorded with DVC: " in process.stderr
    assert "Traceback" not in process.stdout + process.stderr
    process = repository.script("audit")
    assert process.returncode == 2
    reason = next(line for line in process.stdout.splitlines() if line.startswith("dvc.lock"))
    assert "NOT CHECKED: the run was not recorded with DVC: " in reason
    assert repository.call("bash", "-c", reason.split("once that is mended: ")[1]).returncode == 0
    assert "DVC recorded study@demo" in (repository.results / "logs" / "record.log").read_text()
    assert repository.script("audit").returncode == 0


@pytest.mark.parametrize("script", ["audit", "restore"])
def test_outside_of_a_repository_it_is_said_so(repository, script, tmp_path):
    (repository.folder / ".dvc").rename(tmp_path / "moved")
    process = repository.call(sys.executable, "-m", "multipress", script, "--configfile", CONFIG)
    assert process.returncode in (1, 2)
    assert "is in no DVC repository" in process.stdout + process.stderr
    assert "Traceback" not in process.stderr
