"""Compare models by the family of their compressions: families.csv, compounds.csv and a figure.

Size, speed and score against ft of the same architecture, beside what a survey reports of the same family.
"""

import argparse
from pathlib import Path

from pydantic import Field

from multipress.analysis.results_file import read_results
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.survey.both_tables import survey_tables
from multipress.analysis.table_files import write
from multipress.core.settings import Section, Seed
from multipress.evaluation.latency.table import read_latencies
from multipress.reporting.figures.families import families_figure
from multipress.reporting.figures.style import heading, save
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How to compare, and how the figure is drawn."""

    draws: int = Field(10_000, ge=100, le=1_000_000)
    """Bootstrap draws."""
    seed: Seed = 0
    confidence: float = Field(0.95, ge=0.5, le=0.999)
    variants: dict[str, str] = {}
    """The steps that variants in recipes vary."""
    survey: str | None = None
    """A digest of what the survey reports; None: it is left out."""
    settings: PlotSettings = PlotSettings()
    synthetic: bool = False
    """Whether any task is made up; titles then say so."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write both tables, and the figure as svg, pdf and png."""
    results = read_results(arguments.results, in_points=True)
    latencies = read_latencies(arguments.latencies[0]) if arguments.latencies else None
    settings = AnalyzeSettings(draws=params.draws, seed=params.seed, confidence=params.confidence)
    families, compounds = survey_tables(results, latencies, settings, params.variants, params.survey is not None)
    write(arguments.families, families)
    write(arguments.compounds, compounds)
    figure = families_figure(families, heading("Families of compressions: size, speed and loss", params.synthetic))
    save(figure, arguments.figures / "families", params.settings.dots_per_inch)
    print(f"{len(families)} models, {len(compounds)} compounds of two")


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--latencies", type=Path, nargs="*", metavar="PATH", help="latency.csv, if any was measured")
    add_paths(
        arguments,
        results="results.csv, a row for each model",
        families="CSV file for all models",
        compounds="CSV file for those of two compressions",
        figures="folder of the figure",
    )
    run(main, Params, arguments)
