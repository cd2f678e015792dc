"""Write augmented copies of a task's training rows."""

import argparse

import pyarrow.parquet as pq

from multipress.core.files import replacing
from multipress.core.settings import Section
from multipress.data.augmentation import augment
from multipress.data.prepared import read_rows
from multipress.data.settings.augmentation import AugmentSettings
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the copies depend on, the rows apart."""

    settings: AugmentSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Augment every training row."""
    rows = read_rows(arguments.rows)
    copies = augment(rows, params.settings, arguments.processes)
    wanted = params.settings.copies * len(rows)
    print(f"{len(copies)} of {wanted} copies; {wanted - len(copies)} would be rows of the training set: left out")
    with replacing(arguments.output) as path:
        pq.write_table(copies, path)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, rows="training rows, a Parquet file", output="augmented rows, a Parquet file")
    command.add_argument("--processes", type=int, default=1, help="worker processes; no effect on the result")
    run(main, Params, command)
