"""Bring a dev set to one schema."""

from argparse import Namespace
from pathlib import Path

from multipress.data.prepare import label_names, sample
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._preparation import SplitParams, write_rows


class Params(SplitParams):
    """What the rows depend on, beside the source's file."""

    split: str


def main(params: Params, arguments: Namespace) -> None:
    """Read, check, sample, write."""
    rows = params.read(arguments.dev, label_names(params.rows, arguments.train))
    write_rows(arguments.output, sample(rows, params.limit, params.sample_seed, params.name, params.split))


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, dev="the source's file of the dev set", output="the Parquet file to write")
    command.add_argument(
        "--train", type=Path, nargs="?", metavar="PATH", help="the file of training rows, if labels are taken from it"
    )
    run(main, Params, command)
