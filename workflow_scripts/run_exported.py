"""Run the exported models of one (task, arch, seed) on the dev set in onnxruntime; keep logits and sizes of files."""

import argparse

import numpy as np
import torch

from multipress.core.settings import Section
from multipress.core.tensor_files import write_tensors
from multipress.data.token_files import read_tokens
from multipress.deployment.onnxruntime_model import OnnxModel
from multipress.evaluation.exported import named_arrays
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """The settings of this rule."""

    recipes: list[str]
    batch_size: int


def main(params: Params, arguments: argparse.Namespace) -> None:
    """One model after the other."""
    tokens = read_tokens(arguments.dev)
    found: dict[str, np.ndarray] = {}
    for recipe in params.recipes:
        file = arguments.models / f"{recipe}.onnx"
        logits = OnnxModel(file, arguments.threads).logits(tokens, params.batch_size)
        found |= named_arrays(recipe, logits, file)
        print(f"{recipe}: {len(tokens)} rows", flush=True)
    write_tensors(arguments.output, {name: torch.from_numpy(array) for name, array in found.items()})


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        models="folder with an ONNX model for each recipe",
        dev="tokens of the primary dev set",
        output="safetensors file with logits of shape (rows, outputs) and the file's bytes for each recipe",
    )
    command.add_argument("--threads", type=int, default=1, help="CPU threads")
    run(main, Params, command)
