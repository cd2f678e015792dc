"""Seconds and memory that Snakemake takes to plan the paper: config.yaml with more and more seeds, and one model.

    python -m benchmarks.planning --seeds 1 3 10

Each plan is a dry run in a process of its own, in a folder with nothing in it and in one where everything is made.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from multipress.workflow.environment import ROOT
from multipress.workflow.staleness.pretend import pretend_finished

MODEL = "results/models/rte/tiny/seed1/kd-mp60-int8/model.safetensors"


def plan(target: str, seeds: int, folder: Path) -> tuple[float, float]:
    """Wall seconds and peak memory in MB (10^6 bytes) of a dry run."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", target, "--quiet", "--directory", str(folder)]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--config", f"study={{'seeds': {list(range(1, seeds + 1))}}}"]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the dry run failed: {' '.join(command)}")
    return time.perf_counter() - started, usage.ru_maxrss * 1024 / 1e6


def row(what: str, target: str, seeds: int, folder: Path, rounds: int) -> str:
    """A line of the table: the median of some dry runs, and their range."""
    seconds, memory = zip(*(plan(target, seeds, folder) for _ in range(rounds)), strict=True)
    spread = f"{statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"
    return f"| {what} | {spread} | {max(memory):.0f} MB |"


def main() -> None:
    """Measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[1, 3, 10], help="numbers of seeds")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--finished", action="store_true", help="also where everything is made")
    options = arguments.parse_args()
    print("| plan | time | peak memory |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(row("one model of one seed", MODEL, 1, folder, options.rounds), flush=True)
        for seeds in options.seeds:
            print(row(f"all, {seeds} seeds, nothing made", "all", seeds, folder, options.rounds), flush=True)
        for seeds in options.seeds if options.finished else ():
            pretend_finished(folder, config={"study": {"seeds": list(range(1, seeds + 1))}})
            print(row(f"all, {seeds} seeds, all made", "all", seeds, folder, options.rounds), flush=True)


if __name__ == "__main__":
    main()
