"""Download the splits of a GLUE task from the hub, at a pinned revision."""

from argparse import Namespace

from multipress.core.settings import Name, Section
from multipress.data.hub import download_splits
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the files depend on."""

    repository: str
    revision: str
    task: Name
    splits: list[str]
    """The source's names of the splits that are needed."""


def main(params: Params, arguments: Namespace) -> None:
    """Download."""
    download_splits(params.repository, params.revision, params.task, params.splits, arguments.output_dir)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for {source split}.parquet")
    run(main, Params, command)
