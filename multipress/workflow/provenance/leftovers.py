"""Files that are not needed any more: of models that no configuration names, saved states, old ones in DVC's cache."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from multipress.core.errors import UserError
from multipress.workflow.provenance.graph import planned_jobs, results_of
from multipress.workflow.provenance.hashes import files_below
from multipress.workflow.provenance.record import NAME, read
from multipress.workflow.provenance.recording import result_paths
from multipress.workflow.provenance.versioning import cache_folder
from multipress.workflow.snakemake_api import Graph

_CACHE = ["--workspace", "--all-branches", "--all-tags", "--all-experiments"]
"""What DVC must keep the bytes of."""


class Leftover(NamedTuple):
    """Something that is not needed."""

    path: Path
    bytes: int
    why: str
    spared: str = ""
    """Why it is not to be removed; empty if it is."""


def of_results(graph: Graph) -> list[Leftover]:
    """Folders in which no job of the graph has a file, and the saved states of trainings.

    What does not lie in the folder of results itself, or may be another study's, is spared.
    """
    results = Path(results_of(graph))
    states = results / "scratch"
    found = [*_unplanned(graph), *([(states, "states to resume trainings from")] if states.is_dir() else [])]
    leftovers = [Leftover(folder, _bytes(folder), why, _obstacle(folder, results)) for folder, why in found]
    return [leftover for leftover in leftovers if leftover.bytes]


def _unplanned(graph: Graph) -> Iterator[tuple[Path, str]]:
    jobs, results = planned_jobs(graph), results_of(graph)
    used = {parent for job in jobs for file in job.outputs for parent in Path(file).parents}
    recorded = _recorded(Path(results, NAME))
    for path in result_paths(jobs, results):
        for folder in sorted(Path(path).rglob("*")):
            if folder.is_dir() and folder not in used and folder.parent in used:
                but = ", but the last recorded run had it" if folder in recorded else ""
                yield folder, f"the configuration names no such job{but}"


def _recorded(file: Path) -> set[Path]:
    """The folders in which the recorded run has files; none if there is no record."""
    try:
        return {parent for output in read(file).makers for parent in Path(output).parents}
    except UserError:
        return set()


def _obstacle(folder: Path, results: Path) -> str:
    """Why a folder is not to be removed; empty if it is."""
    if folder.is_symlink() or not folder.resolve().is_relative_to(results.resolve()):
        return f"it lies outside of {results}, behind a link"
    if next(folder.rglob(NAME), None):
        return "it holds the results of another study"
    return ""


def _bytes(folder: Path) -> int:
    return sum(Path(file).stat().st_size for file in files_below(folder.as_posix()))


def of_cache() -> list[Leftover]:
    """Bytes in DVC's cache that no branch, tag, experiment or file of the workspace needs.

    Raises:
        UserError: DVC cannot list them, or its cache may be shared with others.
    """
    if not (cache := cache_folder()).resolve().is_relative_to(Path.cwd().resolve()):
        raise UserError(f"it lies in {cache}, which other projects may share")
    output = _gc("--dry")
    paths = [Path(line.removeprefix("Removing ")) for line in output.splitlines() if line.startswith("Removing ")]
    return [Leftover(path, path.stat().st_size, "in DVC's cache, of no commit") for path in paths if path.is_file()]


def remove(leftovers: list[Leftover]) -> None:
    """Remove what ``of_results`` found, but for what is spared.

    Raises:
        UserError: one cannot be removed.
    """
    for leftover in leftovers:
        if not leftover.spared:
            _remove(leftover.path)


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        path = error.filename or folder
        raise UserError(f"{path} cannot be removed ({error.strerror}): only who may write its folder can") from None


def clear_cache(shown: list[Leftover]) -> None:
    """Remove what ``of_cache`` found.

    Raises:
        UserError: DVC cannot remove them, or would now remove others.
    """
    if {leftover.path for leftover in of_cache()} != {leftover.path for leftover in shown}:
        raise UserError("DVC's cache has changed meanwhile and nothing was removed from it: repeat this command")
    if shown:
        _gc("--force")


def _gc(flag: str) -> str:
    command = [sys.executable, "-m", "dvc", "gc", *_CACHE, flag]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        reason = next((line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")), lines[-1:])
        raise UserError(f"DVC cannot look through it: {reason}")
    return done.stdout
