"""Settings and code as they are now against those that made the results, and what Snakemake would run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from multipress.workflow.code.records import CodeRecords
from multipress.workflow.pasted_commands import snakemake
from multipress.workflow.provenance.findings import Check, Difference
from multipress.workflow.provenance.graph import codes_of, planned_jobs
from multipress.workflow.provenance.record import JobRecord, Record
from multipress.workflow.snakemake_api import Graph
from multipress.workflow.staleness.reasons import changed_modules, changed_settings, stale_jobs, unrecorded_jobs


def check_settings(record: Record, graph: Graph) -> Check:
    """Whether the jobs have the settings with which the files were made."""
    jobs: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for before, now in _pairs(record, graph):
        for change in changed_settings(now.rule, now.wildcards, before.settings, now.settings):
            jobs[change].append(now.name)
    differences = [
        Difference(f"configuration: {key} (of {_counted(names)})", old, new) for (key, old, new), names in jobs.items()
    ]
    differences += _others(record, graph)
    return Check("configuration", f"{len(record.jobs)} jobs have the settings they ran with", differences)


def _others(record: Record, graph: Graph) -> Iterator[Difference]:
    """Jobs that the configuration has more, or less."""
    now = {job.outputs[0]: job.name for job in planned_jobs(graph)}
    then = {job.outputs[0]: job.name for job in record.jobs}
    if more := [now[file] for file in now if file not in then]:
        yield Difference("configuration", "the recorded jobs alone", f"{_counted(more)} more")
    if less := [then[file] for file in then if file not in now]:
        yield Difference("configuration", f"the recorded {_counted(less)}", "no such job")


def check_code(record: Record, graph: Graph) -> Check:
    """Whether the source files still mean what they meant when the files were made."""
    codes = codes_of(graph)
    jobs: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for before, now in _pairs(record, graph):
        for change in _changes(before.code, now.code, record, codes):
            jobs[change].append(now.name)
    differences = [Difference(f"{file} (in {_counted(names)})", old, new) for (file, old, new), names in jobs.items()]
    return Check("code", "the source files mean what they meant", differences)


def _changes(before: str, now: str, record: Record, codes: CodeRecords) -> Iterator[tuple[str, str, str]]:
    if before == now:
        return
    old, new = record.modules.get(before, {}), codes.read(now) or {}
    files = [file for file, _ in changed_modules(old, new)]
    for file in files:
        before_file, now_file = (
            f"digest {modules[file]}" if file in modules else "not imported" for modules in (old, new)
        )
        yield file, before_file, now_file
    if not files:
        yield "code of which no modules are recorded", f"digest {before}", f"digest {now}"


def _pairs(record: Record, graph: Graph) -> Iterator[tuple[JobRecord, JobRecord]]:
    """Each job as it was recorded, and as it would be made now."""
    for job in planned_jobs(graph):
        if before := record.makers.get(job.outputs[0]):
            yield before, job


def check_snakemake(graph: Graph) -> Check:
    """Whether Snakemake finds nothing to be done."""
    jobs: dict[str, list[str]] = defaultdict(list)
    stale = stale_jobs(graph)
    for job in stale:
        for reason in job.reasons:
            if not reason.startswith("input ") or reason.endswith(" is newer"):  # others follow from these
                jobs[reason].append(job.name)
    if stale and not jobs:
        jobs[stale[0].reasons[0]] = [stale[0].name]
    differences = [
        Difference(f"snakemake: {_counted(names)}, first {names[0]}", "nothing to be done", reason)
        for reason, names in jobs.items()
    ]
    return Check("snakemake", "nothing to be done", differences, _without_records(graph))


def _without_records(graph: Graph) -> str:
    """Why Snakemake's verdict counts for little: without records it goes by times alone."""
    if not (names := unrecorded_jobs(graph)):
        return ""
    adopt = snakemake("all", "--touch", "--forceall", configfiles=graph.configfiles)
    return f"Snakemake has no record of {len(names)} jobs; if nothing else differs, let it write them: {adopt}"


def _counted(names: Iterable[str]) -> str:
    """How many jobs of which rules: ``prune ×4, quantize ×8``."""
    counts = Counter(name.split()[0] for name in names)
    return ", ".join(f"{rule} ×{count}" for rule, count in counts.items())
