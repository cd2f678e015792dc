"""Compare models row by row, from the predictions that evaluations stored: significance.csv and changes.csv.

Each model is held to its parent, the recipe less its last step, and to ft of the same task and architecture.
"""

import argparse
from pathlib import Path

from multipress.analysis.predictions.both_tables import Comparison, prediction_tables
from multipress.analysis.table_files import write
from workflow_scripts._command import add_paths, parser, run


class Params(Comparison):
    """How to compare."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write both tables."""
    significance, changes = prediction_tables(arguments.predictions, params)
    write(arguments.significance, significance)
    write(arguments.changes, changes)
    print(f"{len(changes)} rows of changes, {len(significance)} comparisons")
    sure = int((significance["p_holm"] < 1 - params.confidence).sum())
    print(f"differences that are sure together: {sure}")


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument(
        "--predictions",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="predictions.parquet of each evaluation job, in its folder task/arch/seed1",
    )
    add_paths(arguments, significance="CSV file for the comparisons", changes="CSV file for what changes row by row")
    run(main, Params, arguments)
