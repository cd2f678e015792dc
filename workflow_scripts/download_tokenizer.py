"""Download a vocabulary from the hub, at a pinned revision."""

from argparse import Namespace

from multipress.config.text import TokenizerSettings
from multipress.data.hub import download_files
from workflow_scripts._command import add_paths, parser, run


class Params(TokenizerSettings):
    """What the files depend on."""


def main(params: Params, arguments: Namespace) -> None:
    """Download."""
    download_files(params.repository, params.revision, ["vocab.txt"], arguments.output_dir)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for vocab.txt")
    run(main, Params, command)
