"""CPU seconds of a training job before its first step, and around its training.

    python -m benchmarks.startup --config config/demo.yaml --before ../checkout-of-another-commit

Takes the first training job of a run that this commit has finished and runs it in a temporary folder: as it is; with
each cure of slow starts undone; forked by a worker; and with the code of another checkout. They take turns, so that
what else the machine does hits all of them alike.
"""

import argparse
import os
import re
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from multipress.compression import recipes
from multipress.workflow.code import plan, roots
from multipress.workflow.code.records import CodeRecords
from multipress.workflow.environment import ROOT
from multipress.workflow.worker.messages import SOCKET, THREADS
from multipress.workflow.worker.start import Worker

JOB = [str(ROOT / "benchmarks" / "watched_job.py")]
UNDONE = {
    "as it is": "none",
    "with the class AdamW": "optimizer",
    "with pandas": "pandas",
    "with Python's own end": "end",
    "with all three": "optimizer,pandas,end",
}


def training_arguments(config: Path) -> list[str]:
    """Those of the first training job of the workflow, as a dry run prints it."""
    command = [sys.executable, "-m", "snakemake", "all", "--dry-run", "--forceall", "--printshellcmds"]
    command += ["--configfile", str(config)]
    printed = subprocess.run(command, cwd=ROOT, stdout=-1, stderr=subprocess.STDOUT, text=True, check=True).stdout
    found = re.search(r"python -m workflow_scripts\.train_step (.*) > ", printed)
    if not found:
        sys.exit(f"{config} trains nothing")
    return shlex.split(found.group(1))


def write_plan(folder: Path) -> tuple[Path, str]:
    """A plan in which fine-tuning is planned, and its code: jobs of a run compare themselves with one."""
    codes = CodeRecords(ROOT, folder / "code")
    code = codes.digest("train_step", roots.of_step(recipes.steps("ft")))
    codes.write()
    path = folder / "plan.json"
    plan.write(plan.planned({}, plan.planners(), [code], codes.bytes_of_modules(), ()), path)
    return path, code


def cpu_seconds(command: list[str], root: Path, usage: Path, **variables: str) -> tuple[float, float]:
    """CPU seconds before the first step and in all; those of a worker's child from what it says itself."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    given = {**os.environ, "PYTHONPATH": str(root), **variables}
    environment = {name: value for name, value in given.items() if value}
    output = subprocess.run(command, cwd=ROOT, env=environment, stdout=-1, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    in_all = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if SOCKET in variables:
        in_all += float(usage.read_text(encoding="ascii").splitlines()[1].split("\t")[-1])
    return float(re.findall(r"before the first step ([\d.]+)", output)[0]), in_all


def without_usage(arguments: list[str]) -> list[str]:
    """For a commit whose jobs do not say what they cost."""
    place = arguments.index("--usage")
    return arguments[:place] + arguments[place + 2 :]


def main() -> None:
    """Run the jobs in turns and print medians."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--config", type=Path, default=ROOT / "config" / "demo.yaml", help="of a finished run")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--before", type=Path, help="checkout of another commit")
    options = arguments.parse_args()
    words = training_arguments(options.config)
    measured: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        usage = Path(folder, "usage")
        path, words[words.index("--code") + 1] = write_plan(Path(folder))
        os.environ |= {"PYTHONPATH": str(ROOT), "MULTIPRESS_PLAN": str(path), **dict.fromkeys(THREADS, "1")}
        worker = Worker()
        for option in ("--output-dir", "--history", "--scratch", "--usage"):
            words[words.index(option) + 1] = f"{folder}/{option.strip('-')}"
        for _ in range(options.rounds):
            for name, undone in UNDONE.items():
                job = [sys.executable, *JOB, undone, *words]
                measured.setdefault(name, []).append(cpu_seconds(job, ROOT, usage))
            launcher = [sys.executable, "-m", "multipress.workflow.worker.launcher", "-m", "benchmarks.watched_job"]
            forked = cpu_seconds([*launcher, "none", *words], ROOT, usage, **{SOCKET: str(worker.place)})
            measured.setdefault("by a worker", []).append(forked)
            if options.before:
                job = [sys.executable, *JOB, "none", *without_usage(words)]
                root = options.before.resolve()
                measured.setdefault("before", []).append(cpu_seconds(job, root, usage, MULTIPRESS_PLAN=""))
    print("| job | CPU s before the first step | CPU s in all | times the first row |")
    print("|---|---|---|---|")
    whole = statistics.median(in_all for _, in_all in measured["as it is"])
    for name, pairs in measured.items():
        first, in_all = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {first:.2f} | {in_all:.2f} | {in_all / whole:.2f} |")


if __name__ == "__main__":
    main()
