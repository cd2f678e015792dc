"""What must hold before jobs go to SLURM, and what to change when they failed there.

The slurm plugin finds these mistakes job by job, late, or never: where sacct fails it waits without a word.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from multipress.errors import UserError

OPTIONS = {
    "slurm_account": "--account",
    "slurm_partition": "--partition",
    "qos": "--qos",
    "constraint": "--constraint",
    "gres": "--gres",
    "gpu": "--gpus",
    "mem_mb": "--mem",
    "runtime": "--time",
}
"""Resources of a rule that SLURM may refuse, and sbatch's options for them."""

SECONDS = 90.0
"""So long may a busy controller take to answer."""

REMEDIES = {
    r"status is: 'OUT_OF_MEMORY'|oom[-_ ]kill|[Ee]xceeded (job|step) memory limit": (
        "jobs were killed for memory, in every attempt: give them more with --set-resources RULE:mem_mb=MEGABYTES"
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
    """Look for SLURM, its accounting, and whether it would take jobs with these resources.

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
    for options in sorted({_options(request) for request in requests}):
        _check_request(options)


def check_queue(logs: Path) -> None:
    """Two runs must not write the same files: look for jobs that an earlier one left behind.

    ``logs`` is the folder that the plugin lets this working directory's jobs write to.

    Raises:
        UserError: such jobs are in the queue.
    """
    process = _run("squeue", "--noheader", "--me", "--Format=JobID:20,STDOUT:4000")
    rows = [line.split(maxsplit=1) for line in process.stdout.splitlines()]
    left = [number for number, place in rows if place.startswith(f"{logs}/")]
    if left:
        raise UserError(f"jobs of an earlier run are still in the queue: wait for them, or scancel {' '.join(left)}")


def remedies(log: str) -> list[str]:
    """What to change, one line for each kind of failure that Snakemake's log tells of."""
    return [remedy for sign, remedy in REMEDIES.items() if re.search(sign, log)]


def _check_accounting() -> None:
    process = _run("sacct", "--allocations", "--noheader", "--name", "none")
    if process.returncode:
        raise UserError(
            f"sacct does not answer ({_said(process)}), so nobody would notice that a job ended: ask your site, or"
            " add slurm-status-command: squeue to slurm/config.yaml"
        )


def _options(request: Mapping[str, Any]) -> tuple[str, ...]:
    """What a job asks for as sbatch's options; values that are not known yet are left out."""
    values = {option: request.get(name) for name, option in OPTIONS.items()}
    known = {option: value for option, value in values.items() if value and str(value) != "<TBD>"}
    return tuple(f"{option}={value}" for option, value in known.items())


def _check_request(options: tuple[str, ...]) -> None:
    process = _run("sbatch", "--test-only", "--ntasks=1", *options, "--wrap", "true")
    if process.returncode:
        raise UserError(
            f"sbatch refuses {' '.join(options)}: {_said(process)}; edit the first block of slurm/config.yaml"
        )


def _said(process: subprocess.CompletedProcess[str]) -> str:
    """The last line that a program wrote."""
    lines = (process.stdout + process.stderr).strip().splitlines()
    return lines[-1].strip() if lines else f"exit status {process.returncode}"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
