"""Gather the latencies of all jobs into one table."""

import argparse
from pathlib import Path

from multipress.core.settings import Section
from multipress.evaluation.latency.table import gather
from multipress.evaluation.results_table import read_results_table, write_table
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The table depends on nothing but its parts."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the table."""
    table = gather(arguments.latencies, read_results_table(arguments.results))
    write_table(arguments.output, table)
    measured = (table["recipe"] == table["measured_recipe"]).sum()
    print(f"{len(table)} points of {len(arguments.latencies)} jobs, {measured} of them measured and the others shared")


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument(
        "--latencies", type=Path, nargs="+", required=True, metavar="PATH", help="table of each measuring job"
    )
    add_paths(arguments, results="results.csv, a row for each model", output="CSV table with all rows")
    run(main, Params, arguments)
