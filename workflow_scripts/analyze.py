"""Answer the paper's questions from a table of results: do compressions multiply, which comes first, how sure is that?

Beside them: what each step of a recipe changes in the score (effects.csv), and which compressions reach the best score
within a size (ranking_size.csv; the sizes are the setting size_budgets).

The table may come from anywhere: a CSV file with the columns task, arch, recipe, seed, score and paper_mb. Where it has
packed_mb or deployed_mb, Table 1 is written by these sizes, too.
"""

import argparse
from pathlib import Path

import pandas as pd

from multipress.analysis.claims import claims
from multipress.analysis.comparison import comparison
from multipress.analysis.effects import effects
from multipress.analysis.interaction import interaction
from multipress.analysis.losses import interaction_score
from multipress.analysis.paper import REFERENCE, read_paper
from multipress.analysis.pareto import pareto
from multipress.analysis.ranking import ranking
from multipress.analysis.ranking_size import ranking_size
from multipress.analysis.results_file import OPTIONAL_SIZES, read_results, select
from multipress.analysis.study import Study
from multipress.analysis.table1 import per_task, table1
from multipress.analysis.written import write
from multipress.config.analyze import AnalyzeSettings
from multipress.recipes import METHODS
from workflow_scripts._command import run


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


def main(settings: Params, arguments: argparse.Namespace) -> None:
    """Write every table into the folder."""
    results = select(read_results(arguments.results), settings.baselines, settings.architectures)
    study, paper = Study.of(results, settings), read_paper(arguments.reference)
    tables = {
        "table1": table1(study),
        "table1_per_task": per_task(study),
        "interaction": interaction(study),
        "interaction_score": interaction_score(study),
        "effects": effects(study),
        "ranking": ranking(study),
        "ranking_size": ranking_size(study),
        "pareto": pareto(study.grid),
        "paper_comparison": comparison(study, paper, settings.synthetic),
        "claims": claims(study, paper),
    } | _other_sizes(results, settings)
    for name, table in tables.items():
        write(arguments.output_dir / f"{name}.csv", table)
    for size in OPTIONAL_SIZES:
        if (name := _table_of(size)) not in tables:
            (arguments.output_dir / f"{name}.csv").unlink(missing_ok=True)  # of other results
    grid = study.grid
    print(f"{len(results)} models of {len(grid.tasks)} tasks ({', '.join(grid.tasks)}) and {', '.join(grid.archs)}")
    print(f"ratios of Table 1 that missing models leave open: {tables['table1'][METHODS].isna().sum(axis=None)}")


def _other_sizes(results: pd.DataFrame, settings: AnalyzeSettings) -> dict[str, pd.DataFrame]:
    """Table 1 by each other definition of size that any model has; models without it count as missing."""
    sizes = [size for size in OPTIONAL_SIZES if size in results and results[size].notna().any()]
    return {_table_of(size): table1(Study.of(_of_known(results, size), settings, size)) for size in sizes}


def _table_of(size: str) -> str:
    return f"table1_{size.removesuffix('_mb')}"


def _of_known(results: pd.DataFrame, size: str) -> pd.DataFrame:
    """No scores where the size is unknown. The rows stay: a task or seed that had none left would not be missed."""
    return results.assign(score=results["score"].where(results[size].notna()))


def _arguments() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--results", type=Path, required=True, metavar="PATH", help="CSV file with a row of each model")
    result.add_argument("--output-dir", type=Path, required=True, metavar="PATH", help="folder of the tables")
    result.add_argument(
        "--reference", type=Path, default=REFERENCE, metavar="PATH", help="the paper's numbers (default: %(default)s)"
    )
    result.add_argument(
        "--params", default="{}", metavar="JSON", help="settings other than the defaults (default: %(default)s)"
    )
    return result


if __name__ == "__main__":
    run(main, Params, _arguments())
