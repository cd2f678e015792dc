"""What must hold before jobs go to SLURM, and what to change when they failed there.

The slurm plugin finds these mistakes job by job, late, or never: where sacct fails it waits without a word.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError

OPTIONS = {
    "slurm_account": "--account",
    "slurm_partition": "--partition",
    "qos": "--qos",
    "constraint": "--constraint",
    "gres": "--gres",
    "gpu": "--gpus",
}
"""Resources of a rule that name something of the site's, and sbatch's options for them."""

AMOUNTS = {"mem_mb": "--mem", "runtime": "--time"}
"""Resources that a job may want too much of."""

SECONDS = 90.0
"""Seconds that a busy controller may take to answer."""

REMEDIES = {
    r"status is: 'OUT_OF_MEMORY'|oom[-_ ]kill|[Ee]xceeded (job |step )?memory limit": (
        "jobs were killed for memory, and each attempt got twice as much: begin with more by --set-resources"
        " RULE:mem_mb=MEGABYTES"
    ),
    r"status is: 'TIMEOUT'|DUE TO TIME LIMIT": (
        "jobs ran out of time: the same command goes on from their saved states; --set-resources RULE:runtime=MINUTES"
        " gives them more at once"
    ),
    r"No space left on device|Disk quota exceeded": (
        "the disk or your quota is full: free space (results/scratch may be deleted, at the price of saved states), or"
        " set results to another file system"
    ),
    r"sbatch failed": "sbatch refused jobs: edit the first block of slurm/config.yaml, or --set-resources for one rule",
}


def check_cluster(status_command: str | None, requests: Iterable[Mapping[str, Any]]) -> None:
    """Check that SLURM and its accounting are there, and that it would take jobs with these resources.

    Raises:
        UserError: something is missing or refused.
    """
    if missing := [name for name in ("sbatch", "srun", "scancel", "squeue") if shutil.which(name) is None]:
        raise UserError(
            f"{', '.join(missing)} not found on PATH: start on a login node of the cluster (perhaps after `module load"
            " slurm`), or take --profile local"
        )
    if status_command == "sacct":
        _check_accounting()
    for options in _largest(requests):
        _check_request(options)


def check_queue(logs: Path) -> None:
    """Two runs must not write the same files: look for jobs that an earlier one left behind.

    ``logs`` is the folder that the plugin lets this working directory's jobs write to.

    Raises:
        UserError: such jobs are in the queue.
    """
    process = _run("squeue", "--noheader", "--me", "--Format=JobID:20,STDOUT:4000")
    rows = [line.partition(" ") for line in process.stdout.splitlines()]  # of salloc there is no output
    left = [number for number, _, output in rows if output.strip().startswith(f"{logs}/")]
    if left:
        raise UserError(f"jobs of an earlier run are still in the queue: wait for them, or scancel {' '.join(left)}")


def remedies(logs: Iterable[Path], slurm_logs: Path) -> list[str]:
    """What to change, a line for each kind of failure in Snakemake's logs, or in SLURM's of the failed jobs."""
    text = "".join(_text(log) for log in logs)
    failed = {f"{number}.log" for number in re.findall(r"external_jobid: (\d+)", text)}
    text += "".join(_text(log) for log in slurm_logs.rglob("*.log") if log.name in failed)
    return [remedy for sign, remedy in REMEDIES.items() if re.search(sign, text)]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _check_accounting() -> None:
    process = _run("sacct", "--allocations", "--noheader", "--name", "none")
    if process.returncode:
        raise UserError(
            f"sacct does not answer ({_last_line(process)}), so nobody would notice that a job ended: ask your site, or"
            " set slurm-status-command: squeue in slurm/config.yaml"
        )


def _largest(requests: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """sbatch's options for the largest request of each kind: one check for thousands of jobs."""
    kinds: dict[tuple[str, ...], dict[str, int]] = {}
    for request in requests:
        kind = tuple(f"{option}={request[name]}" for name, option in OPTIONS.items() if request.get(name))
        amounts = kinds.setdefault(kind, {})
        for name, option in AMOUNTS.items():
            # Not a number: it depends on a file that is still to be made.
            if isinstance(amount := request.get(name), int):
                amounts[option] = max(amount, amounts.get(option, 0))
    return [[*kind, *(f"{option}={amount}" for option, amount in amounts.items())] for kind, amounts in kinds.items()]


def _check_request(options: list[str]) -> None:
    process = _run("sbatch", "--test-only", "--ntasks=1", *options, "--wrap", "true")
    if process.returncode:
        raise UserError(
            f"sbatch refuses {' '.join(options)}: {_last_line(process)}; edit the first block of slurm/config.yaml"
        )


def _last_line(process: subprocess.CompletedProcess[str]) -> str:
    """The last line that a program wrote."""
    lines = (process.stdout + process.stderr).strip().splitlines()
    return lines[-1].strip() if lines else f"exit status {process.returncode}"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
