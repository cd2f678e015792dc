"""One line for each cause that makes a job stale: which key, file or module, and what it was before."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from multipress.workflow.code.records import CodeRecords
from multipress.workflow.staleness.keys import key_of

if TYPE_CHECKING:  # snakemake.dag cannot be imported before snakemake.api
    from snakemake.dag import DAG
    from snakemake.jobs import Job


class Stale(NamedTuple):
    """A job that would run."""

    rule: str
    wildcards: dict[str, str]
    name: str
    """Rule and wildcards, as its log is named: ``prune rte/tiny/seed1/ft-mp60``."""
    reasons: list[str]


def stale_jobs(dag: DAG) -> list[Stale]:
    """The jobs that a dry run would run, each after those that it waits for."""
    variables = dag.workflow.globals
    codes, logs = variables["CODES"], Path(variables["LOGS"])
    levels = [[job for job in level if dag.needrun(job) and job.output] for level in dag.toposorted()]
    jobs = [job for level in levels for job in sorted(level, key=lambda job: job.log[0])]
    makers = {file: job.rule.name for job in jobs for file in job.output}
    return [
        Stale(job.rule.name, dict(job.wildcards_dict), job_name(job, logs), list(_reasons(dag, job, makers, codes)))
        for job in jobs
    ]


def job_name(job: Job, logs: Path) -> str:
    """Rule and wildcards, as the job's log is named below the folder ``logs``."""
    rule, *rest = Path(job.log[0]).relative_to(logs).with_suffix("").parts
    return " ".join([rule, *(["/".join(rest)] if rest else [])])


def _reasons(dag: DAG, job: Job, makers: dict[str, str], codes: CodeRecords) -> Iterator[str]:
    missing = [file for file in job.output if not Path(file).exists()]
    if missing and not (job.temp_output.issuperset(missing) and dag.workflow.persistence.has_metadata(job)):
        yield f"{missing[0]} is missing" if len(missing) < len(job.output) else "new"
        return
    own = [*_provenance(dag, job, codes), *(f"input {file} is newer" for file in dag.reason(job).updated_input)]
    if dag.reason(job).forced:
        own.append("forced")
    dropped = [f"{file} was not kept and is needed again" for file in missing[:1]]
    yield from own or _inherited(job, makers) or dropped or [_in_snakemakes_words(dag, job)]


def _in_snakemakes_words(dag: DAG, job: Job) -> str:
    return " ".join(str(dag.reason(job)).split()) or "Snakemake gives no reason"


def _inherited(job: Job, makers: dict[str, str]) -> list[str]:
    return [f"input {file} will be remade by {makers[file]}" for file in job.input if file in makers][:1]


def _provenance(dag: DAG, job: Job, codes: CodeRecords) -> Iterator[str]:
    """What differs from Snakemake's record of how the outputs were made."""
    records = dag.workflow.persistence
    if not records.has_metadata(job):
        yield "no record of how it was made"
        return
    change = records.params_changed(job)
    if change:
        before, now = ([ast.literal_eval(value) for value in values] for values in (change.only_old, change.only_new))
        yield from _settings(job, _slice(before), _slice(now))
        yield from _code(codes, _digest(before), _digest(now))
    first = job.output[0]
    recorded, current = set(records.input(first) or []), {str(file) for file in job.input}
    if any(records.input_changed(job)):
        changed = [f"+{file}" for file in sorted(current - recorded)] + [
            f"−{file}" for file in sorted(recorded - current)
        ]
        yield f"inputs {', '.join(changed[:2])}" + (f" and {len(changed) - 2} more" if len(changed) > 2 else "")
    if any(records.code_changed(job)):
        yield "its command in the rule changed"


def _slice(values: list[Any]) -> dict[str, Any]:
    """The part of the configuration among changed params; empty if it is not among them."""
    texts = (value for value in values if isinstance(value, str) and value.startswith("{"))
    return json.loads(next(texts, "{}"))


def _digest(values: list[Any]) -> str | None:
    """The digest of the code among changed params."""
    digests = (value for value in values if isinstance(value, str) and CodeRecords.is_digest(value))
    return next(digests, None)


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, their keys joined by dots."""
    joined: dict[str, Any] = {}
    for key, value in values.items():
        joined |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return joined


def _settings(job: Job, before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    for key, old, new in changed_settings(job.rule.name, job.wildcards_dict, before, now):
        yield f"{key} {old} → {new}"


def changed_settings(
    rule: str, wildcards: Mapping[str, str], before: dict[str, Any], now: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """The configuration's keys whose values differ between two slices of a rule, with both values as JSON."""
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
