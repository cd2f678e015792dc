"""Copy an encoder from a folder, after checking that it has the architecture's shape and can be computed here."""

import shutil
from argparse import Namespace
from pathlib import Path

from multipress.core.files import replacing
from multipress.core.tensor_files import write_tensors
from multipress.model.encoder_files import check_encoder
from multipress.model.foreign_weights import check_weights
from multipress.model.shape import ArchitectureSpec
from multipress.model.weight_files import WEIGHTS
from workflow_scripts._command import add_paths, parser, run


class Params(ArchitectureSpec):
    """The shape that the encoder must have."""


def main(params: Params, arguments: Namespace) -> None:
    """Check, copy; shards become one file."""
    source, target = arguments.source_dir, arguments.output_dir
    tensors = check_weights(source, check_encoder(source, params))
    if (source / WEIGHTS).is_file():
        _copy(source / WEIGHTS, target / WEIGHTS)
    else:
        write_tensors(target / WEIGHTS, tensors)
    _copy(source / "config.json", target / "config.json")


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        source_dir="folder with config.json and the weights",
        output_dir="folder for the copies",
    )
    run(main, Params, command)
