"""Download an encoder from the hub, at a pinned revision, and check that it has the architecture's shape."""

from argparse import Namespace

from multipress.core.files import write_json
from multipress.core.settings import Section
from multipress.data.hub import download_files
from multipress.model.encoder_files import ENCODER_FILES, check_encoder
from multipress.model.foreign_weights import check_weights
from multipress.model.shape import ArchitectureSpec
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the files depend on."""

    repository: str
    revision: str
    architecture: ArchitectureSpec


def main(params: Params, arguments: Namespace) -> None:
    """Download, check."""
    commit = download_files(params.repository, params.revision, ENCODER_FILES, arguments.output_dir)
    write_json(arguments.output_dir / "source.json", {"repository": params.repository, "commit": commit})
    check_weights(arguments.output_dir, check_encoder(arguments.output_dir, params.architecture))


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for config.json, model.safetensors and source.json")
    run(main, Params, command)
