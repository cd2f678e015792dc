"""The jobs of a graph as Snakemake plans it, and Snakemake's records of when they ran."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from multipress.workflow.code.records import CodeRecords
from multipress.workflow.provenance.record import NAME, JobRecord
from multipress.workflow.snakemake_api import Graph, PlannedJob
from multipress.workflow.staleness.reasons import job_name


def results_of(graph: Graph) -> str:
    """The folder of results."""
    return str(graph.variable("RESULTS"))


def codes_of(graph: Graph) -> CodeRecords:
    """What the digests of code stand for."""
    codes: CodeRecords = graph.variable("CODES")
    return codes


def planned_jobs(graph: Graph) -> list[JobRecord]:
    """Every job that makes files, in the order of the graph, as it would be made now; the record itself is left out."""
    return list(_planned_jobs(graph, Path(graph.variable("LOGS"))))


def _planned_jobs(graph: Graph, logs: Path) -> Iterator[JobRecord]:
    for job in graph.ordered_jobs():
        if Path(job.outputs[0]).name != NAME:
            yield _described(job, logs)


def _described(job: PlannedJob, logs: Path) -> JobRecord:
    started, ended = job.times
    return JobRecord(
        name=job_name(job, logs),
        rule=job.rule,
        wildcards=job.wildcards,
        settings=json.loads(job.param("settings")),
        code=job.param("code"),
        inputs=job.inputs,
        outputs=job.outputs,
        seconds=None if started is None or ended is None else round(ended - started, 3),
        finished=None if ended is None else datetime.fromtimestamp(ended, UTC).isoformat(timespec="seconds"),
        commit=None,
    )
