"""One line for each cause that makes a job stale: which key, file or module, and what it was before."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from multipress.core.errors import UserError
from multipress.workflow.code.records import CodeRecords
from multipress.workflow.rule_settings import key_of
from multipress.workflow.snakemake_api import Graph, PlannedJob


class StaleJob(NamedTuple):
    """A job that would run."""

    rule: str
    wildcards: dict[str, str]
    name: str
    """Rule and wildcards, as its log is named: ``prune rte/tiny/seed1/ft-mp60``."""
    reasons: list[str]


def stale_jobs(graph: Graph) -> list[StaleJob]:
    """The jobs that a dry run would run, each after those that it waits for.

    Raises:
        UserError: that cannot be told, since Snakemake's records cannot be read.
    """
    if problem := graph.unreadable_records:
        raise UserError(problem)
    codes, logs = graph.variable("CODES"), Path(graph.variable("LOGS"))
    jobs = [job for job in graph.ordered_jobs() if job.is_stale]
    makers = {file: job.rule for job in jobs for file in job.outputs}
    return [StaleJob(job.rule, job.wildcards, job_name(job, logs), list(_reasons(job, makers, codes))) for job in jobs]


def unrecorded_jobs(graph: Graph) -> list[str]:
    """Names of jobs that would not run, though Snakemake has no record of how their files were made."""
    logs = Path(graph.variable("LOGS"))
    return [job_name(job, logs) for job in graph.ordered_jobs() if not job.is_stale and not job.has_record]


def job_name(job: PlannedJob, logs: Path) -> str:
    """Rule and wildcards, as the job's log is named below the folder ``logs``."""
    rule, *rest = Path(job.log).relative_to(logs).with_suffix("").parts
    return " ".join([rule, *(["/".join(rest)] if rest else [])])


def _reasons(job: PlannedJob, makers: dict[str, str], codes: CodeRecords) -> Iterator[str]:
    outputs = job.outputs
    missing = [file for file in outputs if not Path(file).exists()]
    if missing and not (job.temporary.issuperset(missing) and job.has_record):
        yield f"{missing[0]} is missing" if len(missing) < len(outputs) else "new"
        return
    own = [*_changes(job, codes), *(f"input {file} is newer" for file in job.newer_inputs)]
    if job.is_forced:
        own.append("forced")
    dropped = [f"{file} was not kept and is needed again" for file in missing[:1]]
    yield from own or _inherited(job, makers) or dropped or [job.reason or "Snakemake gives no reason"]


def _inherited(job: PlannedJob, makers: dict[str, str]) -> list[str]:
    return [f"input {file} will be remade by {makers[file]}" for file in job.inputs if file in makers][:1]


def _changes(job: PlannedJob, codes: CodeRecords) -> Iterator[str]:
    """What differs from Snakemake's record of how the outputs were made."""
    if not job.has_record:
        yield "no record of how it was made"
        return
    if change := job.params_change:
        yield from _settings(job, _settings_among(change.before), _settings_among(change.now))
        yield from _code(codes, _digest_among(change.before), _digest_among(change.now))
    if job.has_other_inputs:
        yield f"inputs {_format_inputs(job)}"
    if job.has_other_command:
        yield "its command in the rule changed"


def _format_inputs(job: PlannedJob) -> str:
    """The first two input files that were added or removed, and how many more."""
    recorded, current = job.recorded_inputs, set(job.inputs)
    changed = [
        *(f"+{file}" for file in sorted(current - recorded)),
        *(f"−{file}" for file in sorted(recorded - current)),
    ]
    more = f" and {len(changed) - 2} more" if len(changed) > 2 else ""
    return f"{', '.join(changed[:2])}{more}"


def _settings_among(values: list[Any]) -> dict[str, Any]:
    """The rule's settings among changed params; empty if they are not among them."""
    texts = (value for value in values if isinstance(value, str) and value.startswith("{"))
    return json.loads(next(texts, "{}"))


def _digest_among(values: list[Any]) -> str | None:
    """The digest of the code among changed params."""
    digests = (value for value in values if isinstance(value, str) and CodeRecords.is_digest(value))
    return next(digests, None)


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, their keys joined by dots."""
    joined: dict[str, Any] = {}
    for key, value in values.items():
        joined |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return joined


def _settings(job: PlannedJob, before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    for key, old, new in changed_settings(job.rule, job.wildcards, before, now):
        yield f"{key} {old} → {new}"


def changed_settings(
    rule: str, wildcards: Mapping[str, str], before: dict[str, Any], now: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """The configuration's keys whose values differ between two settings of a rule, with both values as JSON."""
    before, now = flat(before), flat(now)
    for key in sorted(before.keys() | now.keys()):
        old, new = (json.dumps(values[key]) if key in values else "unset" for values in (before, now))
        if old != new:
            yield key_of(rule, key, wildcards), old, new


def _code(codes: CodeRecords, before: str | None, now: str | None) -> Iterator[str]:
    if before is None or now is None:
        return
    old, new = codes.read(before), codes.read(now)
    if old is None or new is None:
        yield "its code changed (in which module is not recorded)"
        return
    for file, how in changed_modules(old, new):
        yield f"{file} {how}"


def changed_modules(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Files whose digests differ between two imports' closures, and how."""
    for file in sorted(before.keys() | now.keys()):
        if file not in before:
            yield file, "is imported now"
        elif file not in now:
            yield file, "is imported no more"
        elif before[file] != now[file]:
            yield file, "changed"
