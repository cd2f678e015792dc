"""Score models without an encoder on the prepared rows of all tasks: what the study's models have to beat."""

import argparse

from multipress.core import csv_tables
from multipress.core.settings import Section
from multipress.evaluation.floors import floors
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The settings of this rule."""

    models: list[str]
    metrics: dict[str, str]
    """The primary metric of each task."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write a row for each task and model."""
    table = floors({task: arguments.data / task for task in params.metrics}, params.metrics, params.models)
    csv_tables.write(arguments.output, table, lambda column: 3 if column == "train_seconds" else 6)
    print(f"{len(table)} rows: {arguments.output}")


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, data="folder of the prepared tasks", output="CSV file to write")
    run(main, Params, command)
