"""Draw how far compressed models' hidden states are from their dense parents', and ask what is said of them."""

import argparse

from multipress.core import csv_tables
from multipress.core.settings import Section
from multipress.dissection.claims import claims
from multipress.dissection.tables import ATTENTION, COMPLEXITY, SIMILARITY
from multipress.reporting.figures.dissection import divergence_by_layer
from multipress.reporting.figures.style import heading, save
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How the figure is drawn."""

    settings: PlotSettings = PlotSettings()
    synthetic: bool = False
    """Whether any task is made up; the title then says so."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the figure as svg, pdf and png, and the table of claims."""
    similarity, attention, complexity = (
        csv_tables.read_as(table, arguments.tables / table.file, "the rule dissect")
        for table in (SIMILARITY, ATTENTION, COMPLEXITY)
    )
    found = claims(similarity, attention, complexity)
    csv_tables.write(arguments.claims, found)
    above = heading("Hidden states against those of the dense parent", params.synthetic)
    save(divergence_by_layer(similarity, above), arguments.figures / "dissection", params.settings.dots_per_inch)
    print(f"{len(found)} answers")


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        tables="folder of the tables of the rule dissect",
        claims="CSV file for the claims",
        figures="folder of the figure",
    )
    run(main, Params, command)
