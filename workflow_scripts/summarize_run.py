"""Gather the numbers by which runs are compared into one small file."""

import argparse

from multipress.analysis.run_metrics import run_metrics
from multipress.analysis.table_files import read
from multipress.analysis.tables import INTERACTION, INTERACTION_CURVE, TABLE1
from multipress.core.files import write_json
from multipress.core.settings import Section
from multipress.evaluation.results_table import read_table
from multipress.evaluation.tables import SUMMARY
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The numbers depend on nothing but the tables."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write them as JSON."""
    summary = read_table(arguments.summary, SUMMARY.columns)
    ratios = read(arguments.ratios, TABLE1.columns)
    interactions = read(arguments.interactions, INTERACTION.columns)
    curves = read(arguments.curves, INTERACTION_CURVE.columns)
    metrics = run_metrics(summary, ratios, interactions, curves)
    write_json(arguments.output, metrics)
    print(", ".join(f"{len(numbers)} of {name}" for name, numbers in metrics.items()))


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        summary="summary.csv, the means over tasks",
        ratios="table1.csv, the ratios of sizes",
        interactions="interaction.csv, those over their products",
        curves="interaction_curve.csv, both at equal score",
        output="JSON file",
    )
    run(main, Params, arguments)
