"""Name the smallest model within some points of another, as the results measured them.

python -m workflow_scripts.recommend --results results/tables/results.csv --within 0.5 --of large/ft --size packed_mb
"""

import argparse
from math import isfinite
from pathlib import Path

from multipress.analysis.recommendation import recommend
from multipress.analysis.results_file import OPTIONAL_SIZES, read_results
from workflow_scripts._command import run_command


def main(arguments: argparse.Namespace) -> None:
    """Print name, size, score and where the packed file lies."""
    found = recommend(read_results(arguments.results), arguments.of, arguments.within, arguments.size, arguments.task)
    print(f"model   {found.name}")
    print(f"size    {found.size:.3f} MB ({arguments.size})")
    print(f"score   {found.score:.2f} ({found.score - found.reference:+.2f} against {arguments.of})")
    if found.packed:
        print(f"packed  {found.packed}")
    if found.left_out:
        print(f"left out: {found.left_out} of the models, which lack a task, a seed or {arguments.size}")


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
    result.add_argument("--results", type=Path, required=True, metavar="PATH", help="CSV file with a row of each model")
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
