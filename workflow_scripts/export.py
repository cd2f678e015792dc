"""Write all recipes of one (task, arch, seed) as ONNX models with real integer weights."""

import argparse
from pathlib import Path

import onnx

from multipress.compression.rebuild import lowerings, open_checkpoint
from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.data.text_format import TextFormat
from multipress.deployment.onnx_export import to_onnx
from multipress.deployment.onnx_interface import metadata
from workflow_scripts._command import run
from workflow_scripts._deployment import Params, deployment_parser, write_each


def export(folder: Path, text: TextFormat, file: Path) -> None:
    """One model."""
    checkpoint = open_checkpoint(folder)
    model = checkpoint.model
    exported = to_onnx(model, metadata(model.config, text), lowerings(checkpoint.steps))
    if exported.ByteSize() > onnx.checker.MAXIMUM_PROTOBUF:
        raise UserError(f"{file} would be larger than 2 GB, which ONNX cannot be: leave this architecture out")
    with replacing(file) as temporary:
        onnx.save(exported, temporary)


def main(params: Params, arguments: argparse.Namespace) -> None:
    """One model after the other."""
    write_each(params, arguments, ".onnx", export)


if __name__ == "__main__":
    run(main, Params, deployment_parser(__doc__))
