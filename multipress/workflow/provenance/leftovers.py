"""Files that are not needed any more: of models that no configuration names, saved states, old ones in DVC's cache."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from multipress.core.errors import UserError
from multipress.workflow.provenance.graph import planned_jobs, results_of
from multipress.workflow.provenance.hashes import files_below
from multipress.workflow.provenance.recording import result_paths
from multipress.workflow.snakemake_api import Graph

_CACHE = ["--workspace", "--all-branches", "--all-tags", "--all-experiments"]
"""What DVC must keep the bytes of."""


class Leftover(NamedTuple):
    """Something to remove."""

    path: Path
    bytes: int
    why: str


def of_results(graph: Graph) -> list[Leftover]:
    """Folders in which no job of the graph has a file, and the saved states of trainings."""
    jobs, results = planned_jobs(graph), results_of(graph)
    used = {parent for job in jobs for file in job.outputs for parent in Path(file).parents}
    found = [
        Leftover(folder, _bytes(folder), "the configuration names no such job")
        for path in result_paths(jobs, results)
        for folder in sorted(Path(path).rglob("*"))
        if folder.is_dir() and folder not in used and folder.parent in used
    ]
    states = Path(results, "scratch")
    return [*found, *([Leftover(states, _bytes(states), "states to resume trainings from")] if _bytes(states) else [])]


def _bytes(folder: Path) -> int:
    return sum(Path(file).stat().st_size for file in files_below(folder.as_posix()))


def of_cache() -> list[Leftover]:
    """Bytes in DVC's cache that no branch, tag, experiment or file of the workspace needs.

    Raises:
        UserError: DVC cannot list them.
    """
    output = _gc("--dry")
    paths = [Path(line.removeprefix("Removing ")) for line in output.splitlines() if line.startswith("Removing ")]
    return [Leftover(path, path.stat().st_size, "in DVC's cache, of no commit") for path in paths if path.is_file()]


def remove(leftovers: list[Leftover]) -> None:
    """Remove what ``of_results`` found."""
    for leftover in leftovers:
        shutil.rmtree(leftover.path)


def clear_cache() -> None:
    """Remove what ``of_cache`` found.

    Raises:
        UserError: DVC cannot remove them.
    """
    _gc("--force")


def _gc(flag: str) -> str:
    command = [sys.executable, "-m", "dvc", "gc", *_CACHE, flag]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if line.startswith("ERROR")), done.stderr)
        raise UserError(f"DVC cannot look through its cache: {reason}")
    return done.stdout
