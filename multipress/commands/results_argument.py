"""The argument of the verbs that read a table of results from anywhere, ``--results``, and remarks on it."""

import argparse
from pathlib import Path

import pandas as pd

from multipress.analysis.flat_scores import flat_scores
from multipress.analysis.results_file import read_results
from multipress.analysis.units import remarks_on_sizes
from multipress.core.command_line import remark


def add_results(to: argparse.ArgumentParser) -> None:
    """Add ``--results``, the file, and ``--in-points``, a word on its scores."""
    to.add_argument("--results", type=Path, required=True, metavar="PATH", help="CSV file with a row of each model")
    to.add_argument(
        "--in-points",
        action="store_true",
        help="its scores are points, even where those of a task lie between -1 and 1 like fractions",
    )


def read_with_remarks(arguments: argparse.Namespace) -> pd.DataFrame:
    """The table of ``--results``; what looks odd in it is named on stderr."""
    results = read_results(arguments.results, arguments.in_points)
    remark(
        *remarks_on_sizes(results), *(f"{flat}: no evidence of what compressions cost" for flat in flat_scores(results))
    )
    return results
