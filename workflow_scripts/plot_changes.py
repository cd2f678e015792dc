"""Draw what compression changes row by row: the dev rows that each recipe loses and wins against ft."""

import argparse

from multipress.analysis.prediction_tables import CHANGES
from multipress.analysis.table_files import read
from multipress.core.settings import Section
from multipress.reporting.figures.changes import lost_and_won
from multipress.reporting.figures.style import heading, save
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How the figure is drawn, and of what."""

    settings: PlotSettings = PlotSettings()
    synthetic: bool = False
    """Whether any task is made up; the title then says so."""
    variants: dict[str, str] = {}
    """The steps that variants in recipes vary."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write changes as svg, pdf and png."""
    changes = read(arguments.changes, CHANGES.columns, maker="the rule compare_predictions")
    above = heading("What compression changes row by row", params.synthetic)
    save(lost_and_won(changes, params.variants, above), arguments.figures / "changes", params.settings.dots_per_inch)


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(arguments, changes="changes.csv", figures="folder of the figures")
    run(main, Params, arguments)
