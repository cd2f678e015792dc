"""Seconds that a training job takes besides training: before its first step and after its last.

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


def finetune_command(config: Path) -> list[str]:
    """The first finetune job of the workflow, as a dry run prints it."""
    command = [sys.executable, "-m", "snakemake", "all", "--dry-run", "--forceall", "--printshellcmds"]
    command += ["--configfile", str(config)]
    printed = subprocess.run(command, cwd=ROOT, stdout=-1, stderr=subprocess.STDOUT, text=True, check=True).stdout
    return shlex.split(re.search(r"python (-m workflow_scripts\.finetune .*) > ", printed).group(1))


def main() -> None:
    """Run the job so often, print medians."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--config", type=Path, default=ROOT / "config" / "demo.yaml", help="of a finished run")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    words = finetune_command(options.config)
    totals, trainings = [], []
    with tempfile.TemporaryDirectory() as folder:
        for option in ("--output-dir", "--history", "--scratch"):
            words[words.index(option) + 1] = f"{folder}/{option.strip('-')}"
        for _ in range(options.rounds):
            started = time.perf_counter()
            output = subprocess.run([sys.executable, *words], cwd=ROOT, stdout=-1, text=True, check=True).stdout
            totals.append(time.perf_counter() - started)
            trainings.append(float(re.search(r"steps in ([\d.]+) s", output).group(1)))
    besides = [total - training for total, training in zip(totals, trainings, strict=True)]
    spread = f"{min(besides):.2f} to {max(besides):.2f}"
    print(f"start-up and writing the checkpoint: {statistics.median(besides):.2f} s ({spread})")


if __name__ == "__main__":
    main()
