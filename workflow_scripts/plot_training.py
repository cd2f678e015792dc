"""Draw losses and dev scores of the trainings, stage by stage, and tabulate their means."""

import argparse
from pathlib import Path

from multipress.core.settings import Section
from multipress.evaluation.results_table import write_table
from multipress.evaluation.training_curves import training_summary
from multipress.evaluation.training_histories import read_histories
from multipress.reporting.figures.style import heading, save
from multipress.reporting.figures.training import LABELS, training_curves
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How the figures are drawn, and of what."""

    settings: PlotSettings = PlotSettings()
    architectures: list[str]
    """Largest first."""
    synthetic: bool = False
    """Whether any task is made up; titles then say so."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write training_loss and training_score, each as svg, pdf and png, and the means."""
    histories = read_histories(arguments.histories)
    for what, name in zip(LABELS, ("training_loss", "training_score"), strict=True):
        above = heading(f"How the trainings went: {LABELS[what]}", params.synthetic)
        figure = training_curves(histories, params.architectures, what, above)
        save(figure, arguments.figures / name, params.settings.dots_per_inch)
    write_table(arguments.summary, training_summary(histories))


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument(
        "--histories",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="…/task/arch/seed1/recipe.csv",
    )
    add_paths(arguments, figures="folder of the figures", summary="CSV file for the means over all trainings")
    run(main, Params, arguments)
