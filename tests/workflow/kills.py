"""Kill training jobs at random moments and compare what comes of them with an uninterrupted run.

As a script, on a finished run of the workflow (that of the demo, say), with as many kills a stage as asked for:

    python -m tests.workflow.kills results/synthetic --kills 20

With --worker the jobs are forked by a worker, and it is their launchers that are killed.
"""

import argparse
import itertools
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from multipress.compression.registry import methods
from multipress.core.files import sha256
from multipress.workflow.worker.messages import SOCKET, THREADS
from multipress.workflow.worker.start import Worker

ROOT = Path(__file__).parents[2]
STAGES = ("pretrain", *(name for name, method in methods().items() if method.trains))
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@dataclass
class Stage:
    """A training job of the workflow, moved to a folder of its own."""

    command: list[str]
    folder: Path
    log: list[str] = field(default_factory=list)
    worker: Worker | None = None

    def start(self):
        command, environment = self.command, ENVIRONMENT
        if self.worker:
            command = [command[0], "-m", "multipress.workflow.worker.launcher", *command[1:]]
            environment = environment | {SOCKET: str(self.worker.place)} | dict.fromkeys(THREADS, "1")
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def finish(self):
        """Run to the end; return the seconds that it took."""
        started = time.monotonic()
        process = self.start()
        self.log.append(process.communicate()[0])
        assert process.returncode == 0, self.log[-1]
        return time.monotonic() - started

    def stop(self, number, when):
        """Run, send a signal once ``when()`` is true; return the exit status, 0 if the job was faster."""
        process = self.start()
        while process.poll() is None and not when():
            time.sleep(0.01)
        process.send_signal(number)
        self.log.append(process.communicate()[0])
        return process.returncode

    @property
    def states(self):
        """Manifests of the saved states, oldest first."""
        return sorted((self.folder / "scratch").glob("*/*/*.json"))

    @property
    def checkpoint(self):
        return self.folder / "model" / "model.safetensors"

    def take_checkpoint(self):
        """The checkpoint's SHA-256; the file is removed."""
        value = sha256(self.checkpoint)
        self.checkpoint.unlink()
        return value

    @property
    def training_seconds(self):
        """How long the last run trained, without what comes before and after."""
        return float(re.search(r"steps.* ([\d.]+) s:", self.log[-1]).group(1))

    @property
    def resumed(self):
        """In how many runs the job went on from a saved state."""
        return sum("resuming at step" in text for text in self.log)


def stages_of(printed, folder, cwd, epochs):
    """A stage of each kind from the shell commands that a dry run printed; each trains for so many epochs."""
    found = {}
    for line in printed.splitlines():
        command = re.search(r"python -m workflow_scripts\.(\w+) .*(?= > )", line)
        name, words = _stage(command.group(1), shlex.split(command.group())) if command else (None, [])
        if name in STAGES and name not in found:
            found[name] = Stage(_moved(words, folder / name, cwd, epochs), folder / name)
            (folder / name).mkdir(parents=True)
    return found


def _stage(script, words):
    """The stage of a command, and its words: one script serves all methods."""
    params = json.loads(words[words.index("--params") + 1]) if "--params" in words else {}
    return params.get("method", script), words


def _moved(words, folder, cwd, epochs):
    """The command with absolute inputs, and its outputs and states in another folder."""
    own = {"--output-dir": folder / "model", "--history": folder / "history.csv", "--scratch": folder / "scratch"}
    own["--save-seconds"] = 0.05
    result = [sys.executable]
    for before, word in itertools.pairwise(words):
        if before == "--params":
            params = json.loads(word)
            params["settings"]["epochs"] = epochs
            word = json.dumps(params)
        elif before in own:
            word = str(own[before])
        elif (cwd / word).exists() and "/" in word:
            word = str(cwd / word)
        result.append(word)
    return result


def check(stage, kills, generator):
    """Kill the job so often, and let it finish; the number of runs that were resumed.

    The first kill comes as soon as a state is saved, the others at random moments, one in six of them before the
    training begins. A run that is faster than its killer counts as finished, and the next one starts anew.
    """
    if stage.worker:
        stage.finish()  # the first job waits until the worker has loaded the libraries
    seconds, training = stage.finish(), stage.training_seconds
    expected = stage.take_checkpoint()
    left = kills
    while left:
        moment = time.monotonic() + seconds - generator.uniform(0.0, 1.2) * training
        first = left == kills
        status = stage.stop(signal.SIGKILL, lambda: stage.states if first else time.monotonic() >= moment)  # noqa: B023
        if status == -signal.SIGKILL:
            left -= 1
        else:
            assert stage.take_checkpoint() == expected, stage.log
    stage.finish()
    assert stage.take_checkpoint() == expected, stage.log
    assert not stage.states, "states are left after the end"
    return stage.resumed


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("results", type=Path, help="results folder of a finished run")
    arguments.add_argument("--config", type=Path, nargs="+", default=[ROOT / "config" / "demo.yaml"])
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--epochs", type=float, default=5)
    arguments.add_argument(
        "--work", type=Path, default=Path("kills"), help="folder for the jobs' files; must not exist"
    )
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--worker", action="store_true", help="let a worker fork the jobs")
    options = arguments.parse_args()
    command = [sys.executable, "-m", "snakemake", "all", "--dry-run", "--forceall", "--printshellcmds"]
    command += ["--configfile", *map(str, options.config)]
    printed = subprocess.run(command, cwd=ROOT, stdout=-1, stderr=subprocess.STDOUT, text=True, check=True).stdout
    generator = random.Random(options.seed)
    os.environ |= ENVIRONMENT
    worker = Worker() if options.worker else None
    for name, stage in stages_of(printed, options.work.absolute(), ROOT, options.epochs).items():
        stage.worker = worker
        resumed = check(stage, options.kills, generator)
        print(f"{name}: {options.kills} kills, {resumed} resumptions, same checkpoint", flush=True)


if __name__ == "__main__":
    main()
