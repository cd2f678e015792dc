"""Run the study by Snakemake, with a line for each job that is done and an estimate of the rest."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from multipress.core.errors import Interrupted, UserError
from multipress.core.words import duration
from multipress.shrink.configuration import FILE
from multipress.shrink.encoder import ARCH
from multipress.workflow.environment import ROOT
from multipress.workflow.report_file import add_captions
from multipress.workflow.results_folder import command_of_report

LOG = "run.log"
RESULTS = "results"
REPORT = "report.html"

_RULE = re.compile(r"(?:local)?(?:rule|checkpoint) (\w+):")
_FIELD = re.compile(r"    (jobid|wildcards): (.*)")
_FINISHED = re.compile(r"Finished jobid: (\d+) \(Rule: (\w+)\)")
_DONE = re.compile(r"(\d+) of (\d+) steps \(\d+%\) done")
_ERROR = re.compile(r"\b(\w+: error: .*)")

_OTHERS = 3.0
"""Seconds of a job that makes no model, about."""


@dataclass
class _Job:
    rule: str
    recipe: str = ""
    """Of the model that it makes; empty for other jobs."""
    started: float = 0.0


@dataclass
class Progress:
    """Follows a run by what Snakemake says."""

    expected: Mapping[str, float]
    """Seconds of each recipe that is to be made, as planned."""
    clock: Callable[[], float] = time.monotonic
    _jobs: dict[str, _Job] = field(default_factory=dict)
    _current: _Job | None = None
    _finished: _Job | None = None
    _made: dict[str, float] = field(default_factory=dict)
    """Seconds that each finished recipe took."""

    def line(self, said: str) -> str | None:
        """What to tell the user after a line of Snakemake's."""
        if match := _RULE.match(said):
            self._current = _Job(match[1], started=self.clock())
        elif (match := _FIELD.match(said)) and self._current:
            self._note(match[1], match[2])
        elif match := _FINISHED.search(said):
            self._finish(match[1], match[2])
        elif (match := _DONE.match(said)) and self._finished:
            return self._told(int(match[1]), int(match[2]))
        return None

    def _note(self, key: str, value: str) -> None:
        assert self._current
        if key == "jobid":
            self._jobs[value] = self._current
            return
        wildcards = dict(part.split("=", 1) for part in value.split(", "))
        if "step" in wildcards:
            self._current.recipe = "-".join(filter(None, [wildcards.get("parent"), wildcards["step"]]))

    def _finish(self, number: str, rule: str) -> None:
        job = self._finished = self._jobs.get(number) or _Job(rule, started=self.clock())
        if job.recipe:
            self._made[job.recipe] = self.clock() - job.started

    def _told(self, done: int, total: int) -> str | None:
        job, self._finished = self._finished, None
        if job is None or job.rule == "all":
            return None
        took = duration(self.clock() - job.started)
        return f"[{done}/{total}] {' '.join(filter(None, [job.rule, job.recipe]))}: {took}; {self._rest(total - done)}"

    def _rest(self, jobs: int) -> str:
        """About how long the rest takes: as planned, corrected by how long the models took that are made."""
        left = {recipe: seconds for recipe, seconds in self.expected.items() if recipe not in self._made}
        planned = sum(self.expected.get(recipe, 0.0) for recipe in self._made)
        factor = min(5.0, max(0.2, sum(self._made.values()) / planned)) if planned else 1.0
        return f"about {duration(factor * sum(left.values()) + _OTHERS * max(0, jobs - len(left)))} left"


def run(out: Path, task: str, expected: Mapping[str, float], threads: int, say: Callable[[str], None]) -> None:
    """Make all that is not made yet.

    Args:
        out: The study's folder, with its configuration.
        task: Its task.
        expected: Seconds of each recipe.
        threads: CPUs.
        say: Takes a line for the user.

    Raises:
        UserError: a job failed, or the study cannot be planned.
        Interrupted: the user stopped it; what is made is kept.
    """
    models = out / RESULTS / "models" / task / ARCH / "seed1"
    left = {name: value for name, value in expected.items() if not (models / name / "model.safetensors").exists()}
    progress = Progress(left)
    command = [sys.executable, "-m", "snakemake", "all", "--cores", str(threads), "--quiet", "host"]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--profile", str(ROOT / "local"), "--configfile", FILE]
    status, errors = _followed(out, command, progress.line, say)
    if status:
        reason = errors[0] if errors else f"Snakemake ended with exit status {status}"
        raise UserError(f"{reason} (all that was said: {out / LOG}; what is made stays, the same command goes on)")


def report(out: Path) -> Path:
    """Write the report of a finished run, one HTML file.

    Raises:
        UserError: it could not be made.
    """
    command = command_of_report(Path(REPORT), [Path(FILE)])
    status, errors = _followed(out, command, lambda line: None, lambda line: None)
    if status:
        raise UserError(f"{out / REPORT} could not be made: {errors[0] if errors else f'see {out / LOG}'}")
    add_captions(out / REPORT)
    return out / REPORT


def _followed(
    out: Path, command: list[str], follow: Callable[[str], str | None], say: Callable[[str], None]
) -> tuple[int, list[str]]:
    """Run Snakemake in the study's folder: exit status, and the errors that it named; all it says is added to the log.

    Raises:
        Interrupted: a signal came; Snakemake has stopped its jobs.
    """
    errors: list[str] = []
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    with (
        (out / LOG).open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=out,
            env=environment,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
        _stopping(process) as received,
    ):
        for line in _lines(process, log.write):
            errors += [match[1] for match in [_ERROR.search(line)] if match]
            if told := follow(line):
                say(told)
    if received:
        raise Interrupted(f"stopped by {received[0].name}: what is made stays, the same command goes on", received[0])
    return process.returncode, list(dict.fromkeys(errors))


def _lines(process: subprocess.Popen[str], write: Callable[[str], object]) -> Iterator[str]:
    stream: Iterable[str] = process.stdout or []
    for line in stream:
        write(line)
        yield line.rstrip("\n")
    process.wait()


@contextmanager
def _stopping(process: subprocess.Popen[str]) -> Iterator[list[signal.Signals]]:
    """Pass SIGTERM and Ctrl-C on to Snakemake, and wait for it; the list gets the first signal."""
    received: list[signal.Signals] = []

    def pass_on(number: int, frame: object) -> None:
        if not received:
            process.send_signal(signal.SIGTERM)
        received.append(signal.Signals(number))

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
