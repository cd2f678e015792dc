"""The adapter to Snakemake, held to the pinned version with a tiny workflow."""

import ast
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from importlib.metadata import version
from types import SimpleNamespace

import pytest
from snakemake.settings.types import ResourceSettings
from snakemake_interface_executor_plugins.settings import DeploymentMethod

from multipress.core.errors import UserError
from multipress.workflow import snakemake_api, snakemake_records
from multipress.workflow.environment import ROOT

SNAKEFILE = """
import sys

FOLDER = "made"
if "mistake" in config:
    sys.exit(f"multipress: error: {config['mistake']}")

rule all:
    input:
        "made/b.txt",

rule first:
    output:
        temp("made/{name}.part"),
    log:
        "logs/first/{name}.log",
    params:
        settings=config.get("value", "old"),
    resources:
        mem_mb=123,
    shell:
        "echo {params.settings} > {output}"

rule second:
    input:
        "made/b.part",
        config.get("source", "source.txt"),
        ancient("old.txt"),
    output:
        "made/b.txt",
    log:
        "logs/second.log",
    params:
        settings="s",
    shell:
        config.get("command", "cat {input} > {output}")

localrules:
    first,
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a Snakefile that has run."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    for name in ("source.txt", "old.txt", "other.txt"):
        (tmp_path / name).write_text("text\n")
    monkeypatch.chdir(tmp_path)
    for name in ("made/b.part", "made/b.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    snakemake_api.mark_as_made(flags=["--notemp"], root=tmp_path).check_returncode()
    return tmp_path


def jobs(project, config=None, targets=("all",)):
    """The jobs by rule, and their graph; Snakemake's objects stay usable."""
    with snakemake_api.dry_run(targets, config=config, root=project) as graph:
        return {job.rule: job for job in graph.ordered_jobs()}, graph


def test_the_pinned_version_is_installed():
    pinned = re.search(r"^snakemake==(\S+)$", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE).group(1)
    assert version("snakemake") == pinned


def test_a_finished_graph_is_not_stale(project):
    found, graph = jobs(project)
    assert list(found) == ["first", "second"]
    assert not any(job.is_stale for job in found.values())
    assert {job.rule for job in graph.jobs()} == {"first", "second"}
    assert graph.rules == ["all", "first", "second"]
    assert graph.variable("FOLDER") == "made"


def test_jobs_have_their_parts(project):
    found, _ = jobs(project)
    first, second = found["first"], found["second"]
    assert (first.wildcards, second.wildcards) == ({"name": "b"}, {})
    assert second.inputs == ["made/b.part", "source.txt", "old.txt"]
    assert second.tracked_inputs == ["made/b.part", "source.txt"]
    assert (first.outputs, second.outputs) == (["made/b.part"], ["made/b.txt"])
    assert (first.temporary, second.temporary) == ({"made/b.part"}, set())
    assert first.log == "logs/first/b.log"
    assert (first.param("settings"), first.param("none")) == ("old", None)
    assert first.resources["mem_mb"] == 123
    assert first.is_local


def test_records_say_what_differs(project):
    same, _ = jobs(project)
    assert same["second"].has_record
    assert same["first"].params_change is None
    assert not same["second"].has_other_inputs
    assert not same["second"].has_other_command
    assert all(isinstance(time, float) for time in same["second"].times)
    other, _ = jobs(project, {"value": "new", "source": "other.txt", "command": "true"})
    assert other["first"].params_change == (["old"], ["new"])
    assert other["second"].has_other_inputs
    assert other["second"].recorded_inputs == {"made/b.part", "source.txt", "old.txt"}
    assert other["second"].has_other_command
    assert other["first"].is_stale
    assert other["first"].reason.startswith("Params have changed")


def test_without_a_record_there_are_no_times(project):
    (project / "made" / "c.part").touch()
    job = jobs(project, targets=["made/c.part"])[0]["first"]
    assert not job.has_record
    assert job.times == (None, None)
    assert job.recorded_inputs == set()


def test_a_newer_input_is_named(project):
    (project / "source.txt").write_text("longer text\n")
    job = jobs(project)[0]["second"]
    assert job.newer_inputs == ["source.txt"]
    assert not job.is_forced


def test_a_running_workflow_tells_what_the_rules_ask(project):
    with snakemake_api.dry_run(root=project) as graph:
        workflow = graph._dag.workflow
    assert {job.rule for job in snakemake_api.graph_of(workflow).jobs()} == {"first", "second"}
    assert snakemake_api.cores_of(workflow) == 1
    assert snakemake_api.executor_of(workflow) == "dryrun"
    assert not snakemake_api.has_other_software(workflow)
    workflow.deployment_settings.imply_deployment_method(DeploymentMethod.APPTAINER)
    assert snakemake_api.has_other_software(workflow)


def test_the_slurm_plugins_settings_have_the_status_command():
    from snakemake_executor_plugin_slurm import ExecutorSettings

    workflow = SimpleNamespace(executor_settings=ExecutorSettings(status_command="sacct"))
    assert snakemake_api.slurm_status_command(workflow) == "sacct"


def test_a_run_tells_of_its_shells_and_ends_them(project):
    (project / "made" / "b.txt").unlink()
    program = """
import contextlib, os, signal
from multipress.workflow.snakemake_api import RunningJobs
jobs = RunningJobs(workflow)
assert (jobs.shells(), jobs.has_jobs_elsewhere()) == ([], False)
def stop():
    while not jobs.shells():
        pass
    jobs.start_no_more()
    for pid in jobs.shells():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
import threading
threading.Thread(target=stop).start()
"""
    (project / "Snakefile").write_text(f"{SNAKEFILE}\nonstart:\n" + textwrap.indent(program, "    "))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--forceall", "--config", "command=sleep 60"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=50)
    assert done.returncode == 1, done.stderr
    assert "Error" not in done.stderr


def test_slurms_executor_has_what_ends_its_jobs(monkeypatch):
    from snakemake.scheduling.job_scheduler import JobScheduler
    from snakemake_executor_plugin_slurm import Executor, job_cancellation

    ran = []
    monkeypatch.setattr(job_cancellation.subprocess, "check_output", lambda command, **options: ran.append(command))
    executor = object.__new__(Executor)
    executor.run_uuid, executor._submitted_job_clusters, executor.logger = "a-run", set(), None
    executor.wait_thread = threading.Thread(target=time.sleep, args=[20], daemon=True)
    executor.wait_thread.start()
    scheduler = object.__new__(JobScheduler)
    scheduler._executor, scheduler._lock, scheduler._open_jobs = executor, threading.Lock(), threading.Semaphore(0)
    jobs = snakemake_api.RunningJobs(SimpleNamespace(scheduler=scheduler))
    assert jobs.has_jobs_elsewhere()
    assert jobs.cancel_elsewhere() == ""
    assert ran == [["scancel", "--name=a-run"]]
    jobs.leave_elsewhere()
    executor.wait_thread.join()
    assert executor.wait_thread.is_alive()
    assert scheduler._open_jobs.acquire(blocking=False)


def test_a_graph_that_cannot_be_planned_is_the_users_mistake(project):
    (project / "made" / "b.txt").unlink()
    for config, message in (
        ({"source": "gone.txt"}, r"^Snakemake cannot plan the run: .*gone\.txt"),
        ({"mistake": "a.b is wrong"}, r"^a\.b is wrong$"),
    ):
        with pytest.raises(UserError, match=message), snakemake_api.plan([], config, root=project):
            pass


@pytest.fixture
def looking_on(monkeypatch):
    """As the rules install it."""
    for name in ("snakemake.workflow.FilePersistence", "snakemake.jobs.Job.check_protected_output"):
        monkeypatch.setattr(name, pkgutil.resolve_name(name))  # to be put back
    snakemake_records.let_dry_runs_look_on()


@pytest.mark.parametrize("in_the_way", [".snakemake/iocache", ".snakemake/auxiliary", ".snakemake/locks"])
def test_where_nothing_can_be_written_the_records_are_read_all_the_same(project, looking_on, in_the_way):
    """Not even by root: a file lies where Snakemake wants a folder."""
    shutil.rmtree(project / in_the_way, ignore_errors=True)
    (project / in_the_way).write_text("")
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    found, graph = jobs(project, {"value": "new"})
    assert found["first"].params_change == (["old"], ["new"])
    assert found["second"].has_record
    assert graph.unreadable_records == ""
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


def test_the_configuration_files_are_those_of_the_command_line(project):
    (project / "one.yaml").write_text("value: new\n")
    with snakemake_api.dry_run(configfiles=["one.yaml"], root=project) as graph:
        assert [file.name for file in graph.configfiles] == ["one.yaml"]


@pytest.mark.parametrize("package", ["multipress", "workflow_scripts"])
def test_no_other_module_imports_snakemake(package):
    """The adapter, and the records that it lets Snakemake read."""
    adapters = {ROOT / "multipress" / "workflow" / name for name in ("snakemake_api.py", "snakemake_records.py")}
    importers = {path for path in (ROOT / package).rglob("*.py") if any(map(is_of_snakemake, imported(path)))}
    assert importers <= adapters


def imported(path):
    """Names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def is_of_snakemake(module):
    return module.split(".")[0].startswith("snakemake")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cores": 0}, "--cores 0 would start no job"),
        ({"cores": -3}, "--cores -3 would start no job"),
        ({"cores": 4, "nodes": 0}, "--jobs 0 would start no job"),
        ({"cores": 10**8}, "--cores 100000000: this machine has"),
    ],
)
def test_numbers_of_cores_that_make_no_run(settings, message):
    with pytest.raises(UserError, match=message):
        snakemake_api.check_cores(SimpleNamespace(resource_settings=ResourceSettings(**settings)))


@pytest.mark.parametrize("settings", [{}, {"cores": 1}, {"cores": 2 * (os.cpu_count() or 1)}, {"nodes": 10**6}])
def test_numbers_of_cores_that_do(settings):
    snakemake_api.check_cores(SimpleNamespace(resource_settings=ResourceSettings(**settings)))
