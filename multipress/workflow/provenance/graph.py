"""The jobs of a graph as Snakemake plans it, and Snakemake's records of when they ran."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakemake.exceptions import RuleException
from snakemake_interface_common.exceptions import WorkflowError

from multipress.core.errors import UserError
from multipress.workflow.code.records import CodeRecords
from multipress.workflow.provenance.record import NAME, JobRecord
from multipress.workflow.staleness.dry_run import dry_run
from multipress.workflow.staleness.reasons import job_name

if TYPE_CHECKING:  # snakemake.dag cannot be imported before snakemake.api
    from snakemake.dag import DAG
    from snakemake.jobs import Job


@contextmanager
def plan(configfiles: Sequence[Path], config: Mapping[str, Any]) -> Iterator[DAG]:
    """The graph of a configuration, given as to Snakemake.

    Raises:
        UserError: it cannot be planned; one line says why.
    """
    with ExitStack() as stack:
        try:
            dag = stack.enter_context(dry_run(configfiles=configfiles, config=config))
        except SystemExit as error:  # from the Snakefile
            raise UserError(str(error.code).removeprefix("multipress: error: ")) from None
        except (RuleException, WorkflowError) as error:
            raise UserError(f"Snakemake cannot plan the run: {' '.join(str(error).split())}") from None
        yield dag


def results_of(dag: DAG) -> str:
    """The folder of results."""
    return str(dag.workflow.globals["RESULTS"])


def codes_of(dag: DAG) -> CodeRecords:
    """What the digests of code stand for."""
    return dag.workflow.globals["CODES"]


def planned(dag: DAG) -> list[JobRecord]:
    """Every job that makes files, in the order of the graph, as it would be made now; the record itself is left out."""
    return list(_planned(dag, Path(dag.workflow.globals["LOGS"])))


def _planned(dag: DAG, logs: Path) -> Iterator[JobRecord]:
    for level in dag.toposorted():
        for job in sorted((job for job in level if job.output), key=lambda job: job.log[0]):
            if Path(job.output[0]).name != NAME:
                yield _described(dag, job, logs)


def _described(dag: DAG, job: Job, logs: Path) -> JobRecord:
    record = dag.workflow.persistence.metadata(job.output[0])
    times = (record.starttime, record.endtime) if record else (None, None)
    seconds = None if None in times else round(times[1] - times[0], 3)
    return JobRecord(
        name=job_name(job, logs),
        rule=job.rule.name,
        wildcards=dict(job.wildcards_dict),
        settings=json.loads(job.params.settings),
        code=job.params.code,
        inputs=list(map(str, job.input)),
        outputs=list(map(str, job.output)),
        seconds=seconds,
        finished=None if times[1] is None else datetime.fromtimestamp(times[1], UTC).isoformat(timespec="seconds"),
        commit=None,
    )
