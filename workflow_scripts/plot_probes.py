"""Draw what probes find in the layers of each model."""

import argparse

from multipress.core import csv_tables
from multipress.core.settings import Section
from multipress.dissection.probes.tables import PROBES
from multipress.reporting.figures.probes import probes_figure
from multipress.reporting.figures.style import heading, save
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How the figure is drawn, and of what."""

    settings: PlotSettings = PlotSettings()
    synthetic: bool = False
    """Whether any task is made up; the title then says so."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write probes as svg, pdf and png."""
    probes = csv_tables.read_as(PROBES, arguments.probes, "the rule tabulate_probes")
    above = heading("What a linear model finds in each layer", params.synthetic)
    save(probes_figure(probes, above), arguments.figures / "probes", params.settings.dots_per_inch)


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(arguments, probes="probes.csv", figures="folder of the figures")
    run(main, Params, arguments)
