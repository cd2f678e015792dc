"""Draw the mean score against latency."""

import argparse

from multipress.core.settings import Section
from multipress.evaluation.latency.table import read_latencies
from multipress.evaluation.results_table import read_table
from multipress.evaluation.tables import SUMMARY
from multipress.reporting.figures.latency import score_against_latency
from multipress.reporting.figures.style import save
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How the figure is drawn."""

    settings: PlotSettings = PlotSettings()
    baselines: list[str] = []
    """Recipes that are no part of the designed experiment, and of no figure of it."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the figure as svg, pdf and png."""
    latencies, summary = read_latencies(arguments.latencies), read_table(arguments.summary, SUMMARY.columns)
    figure = score_against_latency(latencies, summary[~summary["recipe"].isin(params.baselines)])
    save(figure, arguments.figures / "latency", params.settings.dots_per_inch)


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        latencies="latency.csv, a row for each point",
        summary="summary.csv, the means over tasks",
        figures="folder of the figure",
    )
    run(main, Params, arguments)
