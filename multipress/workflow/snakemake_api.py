"""Snakemake as this project uses it: with ``snakemake_records`` all, beside the rules, that knows its objects.

Much of this is not Snakemake's public interface, so ``tests/unit/workflow/test_snakemake_api.py`` holds every attribute
to the pinned version.
"""

import ast
import contextlib
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from snakemake import cli
from snakemake.api import SnakemakeApi
from snakemake.dag import DAG
from snakemake.exceptions import RuleException
from snakemake.jobs import Job
from snakemake.logging import logger
from snakemake.settings.enums import Quietness, RerunTrigger
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings, StorageSettings
from snakemake.shell import shell
from snakemake.workflow import Workflow
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_logger_plugins.common import LogEvent

from multipress.core.errors import UserError
from multipress.workflow import configuration_files, snakemake_signals
from multipress.workflow.environment import ROOT
from multipress.workflow.snakemake_records import NOT_IN_HOME, unreadable
from multipress.workflow.snakemake_signals import end_dry_run_at_once

__all__ = [
    "LOCKS",
    "SLURM_LOGS",
    "TRIGGERS",
    "Graph",
    "ParamsChange",
    "PlannedJob",
    "RunningJobs",
    "check_command_line",
    "check_cores",
    "cores_of",
    "dry_run",
    "executor_of",
    "given_configuration",
    "graph_of",
    "has_other_software",
    "mark_as_made",
    "parse_config",
    "plan",
    "plans_anew",
    "slurm_status_command",
    "when_planned",
]

LOCKS = Path(".snakemake", "locks")
"""Holds files while a run is under way in the working directory."""

SLURM_LOGS = Path(".snakemake", "slurm_logs")
"""Where the SLURM plugin lets the jobs of the working directory write."""

TRIGGERS = frozenset({RerunTrigger.MTIME, RerunTrigger.PARAMS, RerunTrigger.INPUT, RerunTrigger.CODE})
"""All but the software's environment: in a container or out of it, the versions are those of requirements.lock."""


class ParamsChange(NamedTuple):
    """Values of a job's params that differ from those on record."""

    before: list[Any]
    now: list[Any]


class PlannedJob:
    """A job of a graph, and Snakemake's record of how its files were made."""

    def __init__(self, dag: DAG, job: Job) -> None:
        """Wrap a job of ``dag``."""
        self._dag, self._job = dag, job
        self._records = dag.workflow.persistence

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return str(self._job.rule.name)

    @property
    def wildcards(self) -> dict[str, str]:
        """Values by name."""
        return dict(self._job.wildcards_dict)

    @property
    def inputs(self) -> list[str]:
        """All input files."""
        return [str(file) for file in self._job.input]

    @property
    def tracked_inputs(self) -> list[str]:
        """Input files whose change makes the job stale: those that are not ``ancient``."""
        return [str(file) for file in self._job.input if not file.is_ancient]

    @property
    def outputs(self) -> list[str]:
        """All output files."""
        return [str(file) for file in self._job.output]

    @property
    def temporary(self) -> set[str]:
        """Output files that are deleted once no job needs them."""
        return {str(file) for file in self._job.temp_output}

    @property
    def log(self) -> str:
        """The log file."""
        return str(self._job.log[0])

    @property
    def resources(self) -> dict[str, Any]:
        """Values by name; a text where a value depends on a file that is still to be made."""
        return dict(self._job.resources.items())

    @property
    def is_local(self) -> bool:
        """Whether it runs on the machine that plans."""
        return bool(self._job.is_local)

    def param(self, name: str) -> Any:
        """The value of a param."""
        return self._job.params.get(name)

    @property
    def is_stale(self) -> bool:
        """Whether Snakemake would run it."""
        return bool(self._dag.needrun(self._job))

    @property
    def is_forced(self) -> bool:
        """Whether the command line asks for it."""
        return bool(self._dag.reason(self._job).forced)

    @property
    def newer_inputs(self) -> list[str]:
        """Input files that are newer than the outputs."""
        return [str(file) for file in self._dag.reason(self._job).updated_input]

    @property
    def reason(self) -> str:
        """Snakemake's own words for why it would run, in one line."""
        return " ".join(str(self._dag.reason(self._job)).split())

    @property
    def has_record(self) -> bool:
        """Whether Snakemake recorded how the outputs were made."""
        return bool(self._records.has_metadata(self._job))

    @property
    def params_change(self) -> ParamsChange | None:
        """How the params differ from those on record; None if they do not."""
        change = self._records.params_changed(self._job)
        if not change:
            return None
        before, now = ([ast.literal_eval(value) for value in values] for values in (change.only_old, change.only_new))
        return ParamsChange(before, now)

    @property
    def recorded_inputs(self) -> set[str]:
        """Input files on record."""
        return set(self._records.input(self._job.output[0]) or [])

    @property
    def has_other_inputs(self) -> bool:
        """Whether the set of input files differs from that on record."""
        return any(self._records.input_changed(self._job))

    @property
    def has_other_command(self) -> bool:
        """Whether the rule's command differs from that on record."""
        return any(self._records.code_changed(self._job))

    @property
    def times(self) -> tuple[float | None, float | None]:
        """Start and end on record, in seconds since 1970; None where there is none."""
        record = self._records.metadata(self._job.output[0])
        return (record.starttime, record.endtime) if record else (None, None)


class Graph:
    """All jobs of a run that make files."""

    def __init__(self, dag: DAG) -> None:
        """Wrap Snakemake's graph."""
        self._dag = dag

    def jobs(self) -> list[PlannedJob]:
        """The jobs in no order, also while the graph is still being planned."""
        return [PlannedJob(self._dag, job) for job in self._dag.jobs if job.output]

    def ordered_jobs(self) -> list[PlannedJob]:
        """The jobs, each after those that it waits for, by their logs among equals."""
        levels = ([PlannedJob(self._dag, job) for job in level if job.output] for level in self._dag.toposorted())
        return [job for level in levels for job in sorted(level, key=lambda job: job.log)]

    def variable(self, name: str) -> Any:
        """A variable of the Snakefile."""
        return self._dag.workflow.globals[name]

    @property
    def configfiles(self) -> list[Path]:
        """Those of the command line."""
        return [Path(file) for file in self._dag.workflow.config_settings.configfiles]

    @property
    def unreadable_records(self) -> str:
        """Why not all of Snakemake's records could be read, with the remedy; empty if they could."""
        return unreadable(self._dag.workflow.persistence)

    @property
    def rules(self) -> list[str]:
        """Names of all rules, as the Snakefile defines them one after the other."""
        return [rule.name for rule in self._dag.workflow.rules]


def graph_of(workflow: Workflow) -> Graph:
    """The graph of a running workflow, for its rules."""
    return Graph(workflow.dag)


def cores_of(workflow: Workflow) -> int | None:
    """Cores that a running workflow may use on this machine; None on a cluster."""
    return workflow.resource_settings.cores


class GivenConfiguration(NamedTuple):
    """What a running workflow's configuration was merged from."""

    files: list[Path]
    """The Snakefile's own and those of ``--configfile``, each over those before it."""
    command_line: Mapping[str, Any]
    """That of ``--config``, over all of them."""


def given_configuration(workflow: Workflow) -> GivenConfiguration:
    """What the configuration of a running workflow was merged from."""
    own = Path(workflow.configfiles[-1])
    return GivenConfiguration([own, *workflow.overwrite_configfiles], workflow.config_settings.config)


def check_command_line(arguments: Sequence[str]) -> None:
    """Refuse an option of the configuration that stands twice: Snakemake would take the last one alone.

    Raises:
        UserError: there is such an option.
    """
    for names, remedy in (
        (("--configfile", "--configfiles"), "name all files after one, each over those before it"),
        (("--config", "-C"), "give all values after one"),
    ):
        given = [argument for argument in arguments if argument.split("=")[0] in names]
        if len(given) > 1:
            raise UserError(f"{names[0]} stands {len(given)} times, and only the last would count: {remedy}")


def check_cores(workflow: Workflow) -> None:
    """Refuse numbers of cores and jobs with which a run would wait for ever, or start everything at once.

    Raises:
        UserError: the number is below 1, or no number of cores that a machine like this has.
    """
    settings = workflow.resource_settings
    for option, number in (("--cores", settings.cores), ("--jobs", settings.nodes)):
        if number is not None and number < 1:
            raise UserError(f"{option} {number} would start no job: give 1 or more")
    processors = os.cpu_count() or 1
    if settings.nodes is None and settings.cores is not None and settings.cores > _CORES_OF_A_PROCESSOR * processors:
        raise UserError(f"--cores {settings.cores}: this machine has {processors} processors; give so many, or all")


_CORES_OF_A_PROCESSOR = 100


def executor_of(workflow: Workflow) -> str:
    """What runs the jobs of a running workflow: ``local``, ``slurm``, ``dryrun`` …"""
    return str(workflow.executor_plugin.name)


def has_other_software(workflow: Workflow) -> bool:
    """Whether jobs run in a container or an environment of their own, not in this process's."""
    return bool(workflow.deployment_settings.deployment_method)


def plans_anew(workflow: Workflow) -> bool:
    """Whether this process only runs a job that another one has planned, as on the nodes of a cluster."""
    return not workflow.is_main_process


def when_planned(workflow: Workflow, explain: Callable[[Graph], Iterable[str]]) -> None:
    """Let a dry run from the command line end with the lines of ``explain``, unless it was told to count jobs alone."""
    output = workflow.output_settings
    if output.dryrun and not {Quietness.ALL, Quietness.PROGRESS} & set(output.quiet or ()):
        logger.addHandler(_Planned(workflow, explain))


class _Planned(logging.Handler):
    """Hears Snakemake count the jobs of a dry run, before it goes through them and after."""

    def __init__(self, workflow: Workflow, explain: Callable[[Graph], Iterable[str]]) -> None:
        super().__init__()
        self._workflow, self._explain, self._counted = workflow, explain, 0

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "event", None) != LogEvent.RUN_INFO:
            return
        self._counted += 1
        if self._counted == 1:
            end_dry_run_at_once()
        else:
            for line in self._explain(graph_of(self._workflow)):
                logger.info(line)


class RunningJobs:
    """The jobs of a run that is under way, as ``stopping`` ends them."""

    def __init__(self, workflow: Workflow) -> None:
        """Wrap a workflow whose scheduler is there, as it is when a run starts."""
        self._scheduler = workflow.scheduler
        self._executor = workflow.scheduler._executor

    def start_no_more(self) -> None:
        """Let Snakemake end once its jobs have, and say nothing of those that fail: they were told to."""
        logger.addFilter(lambda record: False)
        self._scheduler.exit_gracefully()

    def shells(self) -> list[int]:
        """Process ids of the shells of jobs that run on this machine."""
        with shell._lock:
            return [process.pid for process in shell._processes.values()]

    def has_jobs_elsewhere(self) -> bool:
        """Whether jobs run on a cluster."""
        return isinstance(self._executor, RemoteExecutor)

    def cancel_elsewhere(self) -> str:
        """Cancel the run's jobs on the cluster; why that failed, empty if it did not.

        While the executor asks for the state of its jobs it has none in its list, and one that is being submitted is in
        no list yet: on SLURM all of them have the run's name.
        """
        name = getattr(self._executor, "run_uuid", None)
        jobs = [SubmittedJobInfo(None, f"--name={name}")] if name else list(self._executor.active_jobs)
        try:
            self._executor.cancel_jobs(jobs)
        except WorkflowError as error:
            return " ".join(str(error).split())
        return ""

    def leave_elsewhere(self) -> None:
        """End Snakemake now: its thread that asks the cluster sleeps for up to three minutes, and is joined by it."""
        self._executor.wait_thread.join = lambda: None
        self._scheduler.executor_error_callback(WorkflowError("stopped"))


def slurm_status_command(workflow: Workflow) -> str | None:
    """The program that the SLURM plugin asks for the status of jobs, where the profile names one."""
    return workflow.executor_settings.status_command


@contextmanager
def dry_run(
    targets: Sequence[str] = ("all",),
    configfiles: Sequence[Path] = (),
    config: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    root: Path = ROOT,
) -> Iterator[Graph]:
    """The graph with Snakemake's marks on the jobs that would run.

    Args:
        targets: Rules or files.
        configfiles: As Snakemake's ``--configfile``.
        config: As Snakemake's ``--config``; mappings are merged into the configuration.
        folder: Working directory; the current one by default.
        root: The repository whose Snakefile is used.

    Raises:
        SystemExit: the configuration is wrong; its message says where.
    """
    # Quiet in just this way, Snakemake stops once it has counted the jobs and does not go through them.
    output = OutputSettings(dryrun=True, quiet={Quietness.RULES, Quietness.PROGRESS})
    settings = ConfigSettings(config=dict(config or {}), configfiles=[Path(file) for file in configfiles])
    with contextlib.redirect_stderr(io.StringIO()), SnakemakeApi(output) as api:
        storage = StorageSettings(shared_fs_usage=NOT_IN_HOME)
        workflow = api.workflow(
            ResourceSettings(cores=1), settings, storage, snakefile=root / "Snakefile", workdir=folder
        )
        # Files of an interrupted job count as stale; without force_incomplete they would be an error.
        dag = DAGSettings(targets=set(targets), force_incomplete=True, rerun_triggers=TRIGGERS)
        workflow.dag(dag).execute_workflow(executor="dryrun")
        snakemake_signals.give_back()
        yield Graph(workflow._workflow.dag)


def parse_config(entries: Sequence[str]) -> dict[str, Any]:
    """The values of Snakemake's ``--config``.

    Raises:
        UserError: one is no KEY=VALUE.
    """
    try:
        parsed: dict[str, Any] = cli.parse_config(entries)
    except ValueError as error:
        raise UserError(f"--config {' '.join(entries)}: {error}") from None
    return parsed


@contextmanager
def plan(
    configfiles: Sequence[Path],
    config: Mapping[str, Any],
    root: Path = ROOT,
    targets: Sequence[str] = ("all",),
    folder: Path | None = None,
) -> Iterator[Graph]:
    """The graph of a configuration, given as to Snakemake, for a command.

    Raises:
        UserError: it cannot be planned; one line says why.
    """
    configuration_files.read(map(Path, configfiles), config)
    with ExitStack() as stack:
        try:
            graph = stack.enter_context(dry_run(targets, configfiles, config, folder, root))
        except SystemExit as error:  # from the Snakefile, or on Ctrl-C
            if isinstance(error.code, int):
                raise
            raise UserError(str(error.code).removeprefix("multipress: error: ")) from None
        except (RuleException, WorkflowError) as error:
            raise UserError(f"Snakemake cannot plan the run: {' '.join(str(error).split())}") from None
        yield graph


def mark_as_made(
    configfiles: Sequence[Path] = (),
    config: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    flags: Sequence[str] = (),
    root: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Let Snakemake record existing files as made by this configuration and code; the finished process.

    Args:
        configfiles: As Snakemake's ``--configfile``.
        config: As Snakemake's ``--config``.
        folder: Working directory; the current one by default.
        flags: Further options of Snakemake.
        root: The repository whose Snakefile is used.
    """
    command = [sys.executable, "-m", "snakemake", "all", "--touch", "--forceall", *flags]
    command += ["--cores", "1", "--quiet", "all", "--snakefile", str(root / "Snakefile")]
    command += ["--shared-fs-usage", *sorted(usage.item_to_choice() for usage in NOT_IN_HOME)]
    command += ["--directory", str(folder)] if folder else []
    command += ["--configfile", *map(str, configfiles)] if configfiles else []
    command += ["--config", *(f"{key}={json.dumps(value)}" for key, value in config.items())] if config else []
    return subprocess.run(command, capture_output=True, text=True, check=False)
