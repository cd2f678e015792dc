"""The last log lines of failed jobs: with its rules kept quiet, Snakemake does not show their logs either."""

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

_FAILED = re.compile(r"> ([^>\n]+) 2>&1' returned non-zero exit status")
"""In Snakemake's own log; the command sends all output of a script to the job's log."""


def last_log_lines(logs: Iterable[Path]) -> Iterator[str]:
    """For each failed job in these logs of Snakemake, its log and the last line in there."""
    for log in logs:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        for found in dict.fromkeys(_FAILED.findall(text)):
            yield from _last_line(Path(*shlex.split(found)))


def _last_line(log: Path) -> Iterator[str]:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    if written := [line.strip() for line in lines if line.strip()]:
        yield f"{log}: {written[-1]}"
