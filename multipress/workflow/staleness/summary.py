"""Why jobs would run, in a line for all jobs of a rule that have the same reasons."""

import re
from collections.abc import Iterable

from multipress.workflow.staleness.reasons import StaleJob

LINES = 60
"""So many lines at most: what reruns for more reasons than that is no summary any more."""

_FOLLOWS = re.compile(r"input .+ will be remade by (\w+)")


def summary(jobs: Iterable[StaleJob]) -> list[str]:
    """The lines, in the order of the jobs; the last one says how many were left out."""
    groups: dict[tuple[str, str], list[StaleJob]] = {}
    for job in jobs:
        reasons = "; ".join(_FOLLOWS.sub(r"follows \1", reason) for reason in job.reasons)
        groups.setdefault((job.rule, reasons), []).append(job)
    lines = [f"{_named(alike)}: {reasons}" for (_, reasons), alike in groups.items()]
    left_out = len(lines) - LINES
    return lines if left_out <= 0 else [*lines[:LINES], f"and {left_out} reasons more"]


def _named(jobs: list[StaleJob]) -> str:
    return jobs[0].name if len(jobs) == 1 else f"{jobs[0].rule} ×{len(jobs)}"
