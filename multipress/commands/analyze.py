"""Answer the paper's questions from a table of results: do compressions multiply, which comes first, how sure is that?

Beside them: what each step of a recipe changes in the score (effects.csv), and which compressions reach the best score
within a size (ranking_size.csv; the sizes are the setting size_budgets).

The table may come from anywhere: a CSV file with the columns task, arch, recipe, seed, score and paper_mb. Where it has
packed_mb or deployed_mb, Table 1 is written by these sizes, too; curves are compared by all three, and by each without
embeddings (paper_mb_no_embeddings …). What is left out of the answers and what looks odd in the table is named on
stderr.
"""

import argparse
from pathlib import Path

import pandas as pd

from multipress.analysis.all_tables import all_tables
from multipress.analysis.flag_warnings import warnings
from multipress.analysis.flags import tells_majority
from multipress.analysis.paper import REFERENCE
from multipress.analysis.selection import left_out, select
from multipress.analysis.settings import AnalyzeSettings
from multipress.analysis.table_files import write
from multipress.analysis.tables import TABLES, methods_of_table1
from multipress.commands.results_argument import add_results, read_with_remarks
from multipress.core.command_line import add_paths, remark, validated

EXAMPLE = "multipress analyze --results anywhere.csv --output-dir answers"


class Params(AnalyzeSettings):
    """How to analyze, and what."""

    baselines: list[str] = []
    """Recipes that are no part of the designed experiment."""
    architectures: list[str] | None = None
    """Those to compare; None: all in the results. A teacher beside the study is no part of it."""
    synthetic: bool = False
    """Whether any task is made up: then nothing is held to the paper's numbers."""
    published: str | None = None
    """Digest of the paper's numbers: the result is stale when they change."""


def main(arguments: argparse.Namespace) -> None:
    """Analyze as ``--params`` says."""
    analyze(validated(arguments.params, Params), arguments)


def analyze(settings: Params, arguments: argparse.Namespace) -> None:
    """Write every table into the folder."""
    results = read_with_remarks(arguments)
    chosen = settings.baselines, settings.architectures
    frames = all_tables(results, settings, *chosen, settings.synthetic, arguments.reference)
    remark(left_out(results, *chosen), *warnings(frames["flags"], frames["table1_per_task"]))
    for table in TABLES:
        file = arguments.output_dir / table.file
        if table.name in frames:
            write(file, frames[table.name])
        else:
            file.unlink(missing_ok=True)  # made from other results
    _print_summary(select(results, *chosen), frames["table1"])


def _print_summary(results: pd.DataFrame, ratios: pd.DataFrame) -> None:
    tasks = sorted(results["task"].unique())
    print(f"{len(results)} models of {len(tasks)} tasks ({', '.join(tasks)}) and {', '.join(ratios['arch'])}")
    unknown = int(ratios[methods_of_table1(ratios)].isna().to_numpy().sum())
    print(f"ratios of Table 1 that missing models leave open: {unknown}")
    if not tells_majority(results):
        print("whether models have learnt their task is not known: no columns score_majority and rows")


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_results(result)
    add_paths(result, output_dir="folder of the tables")
    result.add_argument(
        "--reference", type=Path, default=REFERENCE, metavar="PATH", help="the paper's numbers (default: %(default)s)"
    )
    result.add_argument(
        "--params", default="{}", metavar="JSON", help="settings other than the defaults (default: %(default)s)"
    )
