"""Copy an encoder from a folder, after checking that it has the architecture's shape."""

import shutil
from argparse import Namespace

from multipress.core.files import replacing
from multipress.model.encoder_files import ENCODER_FILES, check_encoder
from multipress.model.shape import ArchitectureSpec
from workflow_scripts._command import add_paths, parser, run


class Params(ArchitectureSpec):
    """The shape that the encoder must have."""


def main(params: Params, arguments: Namespace) -> None:
    """Check, copy."""
    check_encoder(arguments.source_dir, params)
    for name in ENCODER_FILES:
        with replacing(arguments.output_dir / name) as temporary:
            shutil.copyfile(arguments.source_dir / name, temporary)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        source_dir="folder with config.json and model.safetensors",
        output_dir="folder for the copies",
    )
    run(main, Params, command)
