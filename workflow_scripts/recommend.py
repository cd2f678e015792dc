"""Name the smallest model within some points of another, as the results measured them.

python -m workflow_scripts.recommend --results results/tables/results.csv --within 0.5 --of large/ft --size packed_mb
"""

import argparse
from math import isfinite
from pathlib import Path

from multipress.analysis.recommendation import PackedFile, for_shell, recommend
from multipress.analysis.results_file import OPTIONAL_SIZES
from multipress.workflow.results_folder import command_for, folder_of
from workflow_scripts._command import run_command
from workflow_scripts._results import add_results, read_with_remarks


def main(arguments: argparse.Namespace) -> None:
    """Print name, size, score and where the packed file lies."""
    results = read_with_remarks(arguments)
    found = recommend(results, arguments.of, arguments.within, arguments.size, arguments.task)
    print(f"model   {found.name}")
    print(f"size    {found.size:.3f} MB ({arguments.size})")
    print(f"score   {found.score:.2f} ({found.score - found.reference:+.2f} against {arguments.of})")
    if found.packed:
        print("\n".join(_where(arguments.results, found.packed)))
    if found.left_out:
        print(f"left out: {found.left_out} of the models, which lack a task, a seed or {arguments.size}")


def _where(table: Path, files: list[PackedFile]) -> list[str]:
    """The packed files that are there, those that are not, and how to make them, in lines."""
    folder = folder_of(table)
    if folder is None:
        return [f"packed  not known: {table} does not lie in the folder tables of a run's results"]
    there = [file for file in files if (folder / str(file)).exists()]
    absent = [file for file in files if file not in there]
    lines = [f"packed  {word}" for word in for_shell(folder, there)]
    if absent:
        lines += [f"not there: {word}" for word in for_shell(folder, absent)]
        command = command_for(folder, for_shell(Path(), absent))
        lines.append(f"make: {command or 'run their study again, with its --configfile; its rule pack makes them'}")
    return lines


def _points(text: str) -> float:
    try:
        points = float(text)
    except ValueError:
        points = -1.0
    if not (isfinite(points) and points >= 0):
        raise argparse.ArgumentTypeError(f"{text} is no number of points from 0")
    return points


def _arguments() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_results(result)
    result.add_argument("--within", type=_points, required=True, metavar="POINTS", help="what it may lose at most")
    result.add_argument("--of", required=True, metavar="ARCH/RECIPE", help="the model that it is held to")
    result.add_argument(
        "--size",
        choices=["paper_mb", *OPTIONAL_SIZES],
        default="paper_mb",
        help="the definition of size (default: %(default)s)",
    )
    result.add_argument("--task", help="judge by one task; default: the mean over all")
    return result


if __name__ == "__main__":
    run_command(main, _arguments())
