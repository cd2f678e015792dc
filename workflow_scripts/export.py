"""Write a model as ONNX."""

import argparse

import onnx

from multipress.config.base import Section
from multipress.files import replacing
from multipress.onnx_export import to_onnx
from multipress.restore import load_model
from multipress.runtimes import metadata
from multipress.text_format import TextFormat, digest_of
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """Nothing."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Export one model."""
    model = load_model(arguments.model)
    text = TextFormat(tokenizer=digest_of(arguments.model / "tokenizer.json"), max_length=128, pair=False)
    with replacing(arguments.output) as temporary:
        onnx.save(to_onnx(model, metadata(model.config, text)), temporary)


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(arguments, model="folder of the model", output="ONNX file")
    run(main, Params, arguments)
