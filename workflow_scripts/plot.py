"""Draw Figure 1, the mean score against size, the same for every task, against files' sizes and training compute."""

import argparse
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from multipress.analysis.extreme import read_extreme
from multipress.analysis.paper import read_paper
from multipress.compression import recipes
from multipress.core.errors import UserError
from multipress.core.settings import Section
from multipress.evaluation.results_table import read_results_table, read_table
from multipress.evaluation.tables import EXITS, SUMMARY
from multipress.reporting.figures.compute import score_and_compute
from multipress.reporting.figures.exits import score_and_layers
from multipress.reporting.figures.file_size import file_size
from multipress.reporting.figures.size import figure1, per_task
from multipress.reporting.figures.style import heading, save
from multipress.reporting.settings import PlotSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """How the figures are drawn."""

    settings: PlotSettings = PlotSettings()
    baselines: list[str] = []
    """Recipes that are no part of the designed experiment, and of no figure of it."""
    published: str | None = None
    """Digest of the paper's numbers, where its points are shown."""
    extreme: str | None = None
    """Digest of what others published of extreme compression, where it is shown."""
    variants: dict[str, str] = {}
    """The steps that variants in recipes vary."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write figure1, per_task and, of all models, file_size and compute; exits where there are any."""
    resolution = params.settings.dots_per_inch
    summary = read_table(arguments.summary, SUMMARY.columns)
    summary = summary[~summary["recipe"].isin(params.baselines)]
    published = None if params.published is None else read_paper().figure1
    every = read_results_table(arguments.results)
    _check_recipes(arguments.results, every["recipe"].unique(), params.variants)
    results = every[~every["recipe"].isin(params.baselines)]
    extreme = None if params.extreme is None else read_extreme()
    above = partial(heading, synthetic=bool((every["data"] == "synthetic").any()))
    drawn = {
        "figure1": figure1(summary, published),
        "per_task": per_task(results),
        "file_size": file_size(every, params.variants, above("What small files change"), extreme),
        "compute": score_and_compute(every, above("What training longer gives")),
    }
    if arguments.exits:
        drawn["exits"] = score_and_layers(read_table(arguments.exits, EXITS.columns), every, above("What exits give"))
    for name, figure in drawn.items():
        save(figure, arguments.figures / name, resolution)


def _check_recipes(path: Path, names: Iterable[str], variants: dict[str, str]) -> None:
    try:
        for name in names:
            recipes.parse(name, variants)
    except ValueError as error:
        raise UserError(f"{path}: {error}; name the steps that variants vary in the parameter variants") from None


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        results="results.csv, a row for each model",
        summary="summary.csv, the means over tasks",
        figures="folder of the figures",
    )
    arguments.add_argument("--exits", type=Path, nargs="?", help="exits.csv, if there are models with exits")
    run(main, Params, arguments)
