"""Seconds of a training job before its first step, and after its last.

    python -m benchmarks.startup --config config/demo.yaml

Takes a finetune job of a finished run of the workflow, writes to a temporary folder, and runs it several times.
"""

import argparse
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]

WATCHED = """
import runpy, time
from multipress.training.loop import History

made = History.__init__
add = History.add

def note(history, *arguments):
    made(history, *arguments)
    print("first step", time.time(), flush=True)

def note_last(history, *arguments):
    global last
    last = time.time()
    add(history, *arguments)

History.__init__, History.add = note, note_last
runpy.run_module("workflow_scripts.finetune", run_name="__main__")
print("last step", last, flush=True)
"""
"""The job, with the moments printed at which the training loop is ready and ends its last step."""


def finetune_arguments(config: Path) -> list[str]:
    """Those of the first finetune job of the workflow, as a dry run prints it."""
    command = [sys.executable, "-m", "snakemake", "all", "--dry-run", "--forceall", "--printshellcmds"]
    command += ["--configfile", str(config)]
    printed = subprocess.run(command, cwd=ROOT, stdout=-1, stderr=subprocess.STDOUT, text=True, check=True).stdout
    return shlex.split(re.search(r"python -m workflow_scripts\.finetune (.*) > ", printed).group(1))


def seconds_around_training(arguments: list[str]) -> tuple[float, float]:
    """Seconds before the first step and after the last of one run of the job."""
    started = time.time()
    output = subprocess.run([sys.executable, "-c", WATCHED, *arguments], cwd=ROOT, stdout=-1, text=True, check=True)
    ended = time.time()
    first, last = (float(re.search(rf"{name} step ([\d.]+)", output.stdout).group(1)) for name in ("first", "last"))
    return first - started, ended - last


def main() -> None:
    """Run the job several times and print medians."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--config", type=Path, default=ROOT / "config" / "demo.yaml", help="of a finished run")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    words = finetune_arguments(options.config)
    with tempfile.TemporaryDirectory() as folder:
        for option in ("--output-dir", "--history", "--scratch"):
            words[words.index(option) + 1] = f"{folder}/{option.strip('-')}"
        measured = [seconds_around_training(words) for _ in range(options.rounds)]
    for name, seconds in zip(
        ("before the first step", "after the last step"), zip(*measured, strict=True), strict=True
    ):
        print(f"{name}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
