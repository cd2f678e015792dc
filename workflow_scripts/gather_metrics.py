"""Gather the numbers that tell one run from another into one small file."""

import argparse

from multipress.analysis.written import read
from multipress.config.base import Section
from multipress.files import write_json
from multipress.recipes import METHODS
from multipress.run_metrics import run_metrics
from multipress.tables import read_table
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The numbers depend on nothing but the tables."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write them as JSON."""
    summary = read_table(arguments.summary, ["arch", "recipe", "score"])
    ratios = read(arguments.ratios, ["arch", *METHODS])
    interactions = read(arguments.interactions, ["arch", "combination", "ratio"])
    metrics = run_metrics(summary, ratios, interactions)
    write_json(arguments.output, metrics)
    print(", ".join(f"{len(numbers)} of {name}" for name, numbers in metrics.items()))


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        summary="figure1.csv, the means over tasks",
        ratios="table1.csv, the ratios of sizes",
        interactions="interaction.csv, those over their products",
        output="JSON file",
    )
    run(main, Params, arguments)
