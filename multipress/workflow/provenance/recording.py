"""Compose the record of a finished run."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.workflow.environment import ROOT, commit_of, hardware, software
from multipress.workflow.provenance.graph import codes_of, planned_jobs, results_of
from multipress.workflow.provenance.hashes import files_below, md5s
from multipress.workflow.provenance.record import NAME, JobRecord, Record
from multipress.workflow.snakemake_api import Graph
from multipress.workflow.staleness.reasons import stale_jobs

RULE = "record"


def compose(
    graph: Graph, configuration: dict[str, Any], previous: Record | None, kept: list[str], threads: int
) -> Record:
    """The record of what lies on the disk, which must be all that the configuration asks for.

    Args:
        graph: The graph as Snakemake plans it now.
        configuration: The configuration as merged from all its sources.
        previous: An earlier record: jobs whose settings, code and bytes are still the same keep its times and commit.
        kept: Further paths that DVC keeps: there may be files of a former configuration.
        threads: Threads that read files at the same time.

    Raises:
        UserError: a job other than the one that records is stale.
    """
    if stale := [job for job in stale_jobs(graph) if job.rule != RULE]:
        raise UserError(
            f"{len(stale)} jobs are stale, first {stale[0].name}: {stale[0].reasons[0]}; let Snakemake make all of them"
        )
    jobs, results, codes = planned_jobs(graph), results_of(graph), codes_of(graph)
    commit = commit_of(ROOT, without=(results, "dvc.lock"))
    own = sorted({*result_paths(jobs, results), *kept} - {f"{results}/{NAME}"})
    files = md5s(_files(jobs, results, own), threads)
    return Record(
        recorded=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit.id,
        commit_problem=commit.problem,
        changed_files=commit.changed,
        software=software(),
        hardware=hardware(),
        configuration=configuration,
        modules={code: codes.read(code) or {} for code in sorted({job.code for job in jobs})},
        paths=own,
        files=files,
        jobs=[_dated(job, files, previous, commit.id) for job in jobs],
    )


def _files(jobs: list[JobRecord], results: str, own: list[str]) -> list[str]:
    """All files below the run's own paths, and the sources."""
    made = {file for path in own for file in files_below(path)}
    sources = {file for job in jobs for file in job.inputs if not file.startswith(f"{results}/")}
    return sorted(made | sources)


def result_paths(jobs: Iterable[JobRecord], results: str) -> list[str]:
    """The entries of the folder of results in which jobs write."""
    depth = len(Path(results).parts)
    entries = {Path(*Path(file).parts[: depth + 1]).as_posix() for job in jobs for file in job.outputs}
    return sorted(entries - {f"{results}/{NAME}"})


def _dated(job: JobRecord, files: dict[str, str], previous: Record | None, commit: str | None) -> JobRecord:
    """The job with the commit of the code that made its files, and with the time that this took."""
    before = previous and previous.makers.get(job.outputs[0])
    if before and previous and _is_same(job, before, files, previous.files):
        return job.model_copy(update={"seconds": before.seconds, "finished": before.finished, "commit": before.commit})
    return job.model_copy(update={"commit": commit})


def _is_same(job: JobRecord, before: JobRecord, files: dict[str, str], files_before: dict[str, str]) -> bool:
    known = [file for file in job.outputs if file in files]
    return (
        (job.settings, job.code) == (before.settings, before.code)
        and bool(known)
        and all(files[file] == files_before.get(file) for file in known)
    )
