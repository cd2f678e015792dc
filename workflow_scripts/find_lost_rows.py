"""Find what the rows have in common that compressed models lose: lost_rows.csv, by features of rows and recipe."""

import argparse
from pathlib import Path

from pydantic import Field

from multipress.analysis.predictions.lost_rows import lost_rows
from multipress.analysis.table_files import write
from multipress.core.settings import Section
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """Which recipes are looked at."""

    recipes: list[str]
    confidence: float = Field(0.95, ge=0.5, le=0.999)


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the table."""
    table = lost_rows(arguments.predictions, arguments.data, params.recipes, params.confidence)
    write(arguments.output, table)
    print(f"{len(table)} rows: {arguments.output}")


if __name__ == "__main__":
    command = parser(__doc__)
    command.add_argument(
        "--predictions",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="predictions.parquet of each evaluation job, in its folder task/arch/seed1",
    )
    add_paths(command, data="folder of the prepared tasks", output="CSV file to write")
    run(main, Params, command)
