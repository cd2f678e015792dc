"""Gather the metrics files of all evaluation jobs into one table, and its means over tasks into another."""

import argparse
from pathlib import Path

from multipress.core.settings import Section
from multipress.evaluation.results_table import tabulate, tabulate_exits, write_summary, write_table
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the metrics files do not say."""

    variants: dict[str, str] = {}
    """The steps that variants in recipes vary."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the results and their summary."""
    results = tabulate(arguments.metrics, params.variants)
    write_table(arguments.results, results)
    summary = write_summary(arguments.results, arguments.summary, params.variants)
    if arguments.exits:
        write_table(arguments.exits, tabulate_exits(arguments.metrics, params.variants))
    incomplete = int(summary["score"].isna().sum())
    print(f"{len(results)} models; {len(summary)} means over tasks, {incomplete} of them incomplete")


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument(
        "--metrics", type=Path, nargs="+", required=True, metavar="PATH", help="metrics.json of each evaluation job"
    )
    add_paths(arguments, results="CSV file for a row of each model", summary="CSV file for the means over tasks")
    arguments.add_argument("--exits", type=Path, nargs="?", help="CSV file for models with exits, if there are any")
    run(main, Params, arguments)
