"""A run of Snakemake, followed by what it says: which model was made, its score, and about how long the rest takes."""

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
from multipress.workflow.environment import ROOT

_RULE = re.compile(r"(?:local)?(?:rule|checkpoint) (\w+):")
_FIELD = re.compile(r"    (jobid|output|wildcards): (.*)")
_FINISHED = re.compile(r"Finished jobid: (\d+) \(Rule: (\w+)\)")
_DONE = re.compile(r"(\d+) of (\d+) steps \(\d+%\) done")
_ALL = re.compile(r"all +1$")
_ERROR = re.compile(r"\b(\w+: error: .*)")

_OTHERS = 3.0
"""Seconds of a job that makes no model, about."""

Say = Callable[[str], None]


@dataclass
class _Job:
    rule: str
    model: str = ""
    """That it makes; empty for other jobs."""
    history: str = ""
    """The history of its training."""
    started: float = 0.0

    def __str__(self) -> str:
        return " ".join(filter(None, [self.rule, self.model]))


@dataclass
class Progress:
    """Follows a run by what Snakemake says."""

    expected: Mapping[str, float]
    """Seconds of each model that is to be made, as planned; empty where nothing was."""
    folder: Path = Path()
    """Where Snakemake runs."""
    only_recipes: bool = False
    """Whether models are named by their recipes alone: of one task and architecture."""
    clock: Callable[[], float] = time.monotonic
    rest: str = ""
    """About how long the rest takes, in words."""
    last: str = ""
    """The model that was made last, with its score."""
    _running: dict[str, _Job] = field(default_factory=dict)
    _current: _Job | None = None
    _finished: _Job | None = None
    _made: dict[str, float] = field(default_factory=dict)
    """Seconds that each finished model took."""
    _first: float | None = None
    _sums_up: bool = False
    """Whether a last job, of which nothing is told, stands for all others."""

    def line(self, said: str) -> str | None:
        """What to tell the user after a line of Snakemake's."""
        if match := _RULE.match(said):
            self._current = _Job(match[1], started=self.clock())
            self._first = self._current.started if self._first is None else self._first
        elif (match := _FIELD.match(said)) and self._current:
            self._note(match[1], match[2])
        elif _ALL.match(said):
            self._sums_up = True
        elif match := _FINISHED.search(said):
            self._finish(match[1], match[2])
        elif (match := _DONE.match(said)) and self._finished:
            return self._told(int(match[1]), int(match[2]) - self._sums_up)
        return None

    def now(self) -> str:
        """What is being made, what was made last, and the time left, in one line."""
        models = [str(job) for job in self._running.values() if job.model]
        what = " and ".join(models or [str(job) for job in self._running.values()]) or "planning"
        return "; ".join(filter(None, [what, self.last and f"last: {self.last}", self.rest]))

    def _note(self, key: str, value: str) -> None:
        assert self._current
        if key == "jobid":
            self._running[value] = self._current
        elif key == "output":
            self._current.history = next((file for file in value.split(", ") if "/history/" in f"/{file}"), "")
        else:
            self._name(self._current, dict(part.split("=", 1) for part in value.split(", ")))

    def _name(self, job: _Job, wildcards: Mapping[str, str]) -> None:
        if "step" not in wildcards:
            return
        recipe = "-".join(filter(None, [wildcards.get("parent"), wildcards["step"]]))
        place = [wildcards[name] for name in ("task", "arch") if name in wildcards]
        job.model = recipe if self.only_recipes else "/".join([*place, recipe])

    def _finish(self, number: str, rule: str) -> None:
        job = self._finished = self._running.pop(number, None) or _Job(rule, started=self.clock())
        if job.model:
            self._made[job.model] = self.clock() - job.started

    def _told(self, done: int, total: int) -> str | None:
        job, self._finished = self._finished, None
        if job is None or job.rule == "all":
            return None
        took, score = duration(self.clock() - job.started), self._score(job)
        if job.model:
            self.last = f"{job.model}{score}"
        if self.expected or self._first is not None:
            self.rest = f"about {duration(self._left(done, total))} left"
        return "; ".join(filter(None, [f"[{done}/{total}] {job}{score}: {took}", self.rest]))

    def _score(self, job: _Job) -> str:
        """The score on the dev set at the end of a training, as its history has it."""
        file = self.folder / job.history
        if not job.history or not file.is_file():
            return ""
        header, *rows = file.read_text(encoding="utf-8").splitlines()
        column = header.split(",").index("dev_score")
        scores = [score for row in rows if (score := row.split(",")[column])]
        return f" {float(scores[-1]):.1f}" if scores else ""

    def _left(self, done: int, total: int) -> float:
        """Seconds: as planned, corrected by how long the models took that are made; without a plan, as it went."""
        if not self.expected:
            return (self.clock() - (self._first or 0.0)) / done * (total - done)
        left = {model: seconds for model, seconds in self.expected.items() if model not in self._made}
        planned = sum(self.expected.get(model, 0.0) for model in self._made)
        factor = min(5.0, max(0.2, sum(self._made.values()) / planned)) if planned else 1.0
        return factor * sum(left.values()) + _OTHERS * max(0, total - done - len(left))


def run_all(words: list[str], folder: Path, log: Path, progress: Progress, say: Say, show: Say) -> None:
    """Make all of a study that is not made yet.

    Args:
        words: Of Snakemake's command line, after the target.
        folder: Where it runs.
        log: The file to which all it says is added.
        progress: Follows it.
        say: Takes a line for the user.
        show: Takes the line that says what is going on now.

    Raises:
        UserError: a job failed, or the study cannot be planned.
        Interrupted: a signal came; Snakemake has stopped its jobs.
    """

    def heard(line: str) -> None:
        if told := progress.line(line):
            say(told)
        show(progress.now())

    # A profile may ask for less; this is what progress is seen by.
    command = [sys.executable, "-m", "snakemake", "all", *words, "--quiet", "host"]
    status, errors = follow(command, folder, log, heard)
    if status:
        reason = errors[0] if errors else f"Snakemake ended with exit status {status}"
        raise UserError(f"{reason} (all that was said: {log}; what is made stays, the same command goes on)")


def follow(command: list[str], folder: Path, log: Path, heard: Say) -> tuple[int, list[str]]:
    """Run Snakemake in a folder: exit status, and the errors that it named; all it says is added to the log.

    Args:
        command: The words of the command.
        folder: Where it runs.
        log: The file.
        heard: Takes each line that is said.

    Raises:
        Interrupted: a signal came; Snakemake has stopped its jobs.
    """
    errors: list[str] = []
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    with (
        log.open("a", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
        _stopping(process) as received,
    ):
        for line in _lines(process, file.write):
            errors += [match[1] for match in [_ERROR.search(line)] if match]
            heard(line)
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
