"""Draw what the analysis found: curves, interactions, effects of steps, the Pareto front, the paper beside ours."""

import argparse
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure
from pydantic import Field

from multipress.analysis.paper import read_paper
from multipress.analysis.table_files import read
from multipress.analysis.tables import (
    CLAIMS,
    EFFECTS,
    INTERACTION,
    INTERACTION_CURVE,
    INTERACTION_SCORE,
    PAPER_COMPARISON,
    PARETO,
)
from multipress.core.settings import Section
from multipress.reporting.figures.curves import distances
from multipress.reporting.figures.effects import costs, kd_gain
from multipress.reporting.figures.interaction import heat_map
from multipress.reporting.figures.pareto import front
from multipress.reporting.figures.scorecard import scorecard
from multipress.reporting.figures.style import heading, save
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How the figures are drawn, and of what."""

    settings: PlotSettings = PlotSettings()
    confidence: float = Field(0.95, gt=0, lt=1)
    """Of the tables' intervals."""
    synthetic: bool = False
    """Whether any task is made up; titles then say so."""
    published: str | None = None
    """Digest of the paper's numbers: the figures are stale when they change."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write curves, interaction, kd_gain, sparsity_bits, pareto and scorecard, each as svg, pdf and png."""
    for name, figure in _figures(params, arguments.tables).items():
        save(figure, arguments.figures / name, params.settings.dots_per_inch)


def _figures(params: Params, tables: Path) -> dict[str, Figure]:
    effects, curves, ratios, losses, models, comparison, claims = (
        read(tables / table.file, table.columns)
        for table in (EFFECTS, INTERACTION_CURVE, INTERACTION, INTERACTION_SCORE, PARETO, PAPER_COMPARISON, CLAIMS)
    )
    published = read_paper().figure1
    published = published.iloc[:0] if params.synthetic else published
    above = partial(heading, synthetic=params.synthetic)
    return {
        "curves": distances(models, curves, ratios, params.confidence, above("Do compressions multiply?")),
        "interaction": heat_map(ratios, losses, params.confidence, above("The paper's rule, and sums of losses")),
        "kd_gain": kd_gain(effects, published, params.confidence, above("What distillation gives")),
        "sparsity_bits": costs(effects, params.confidence, above("What sparsity and fewer bits change")),
        "pareto": front(models, above("Models that nothing beats in size and score at once")),
        "scorecard": scorecard(comparison, claims, params.confidence, above("Movva et al. (2022) and these results")),
    }


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(arguments, tables="folder of the analysis' tables", figures="folder of the figures")
    run(main, Params, arguments)
