"""Compute the teacher's logits on original and augmented rows, once for all students."""

import argparse

from multipress.compression.rebuild import load_model
from multipress.core import devices
from multipress.core.settings import Section
from multipress.data.token_files import read_tokens
from multipress.data.tokens import concatenate
from multipress.training.inference import compute_logits
from multipress.training.teacher_logits import write_logits
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._runtime import add_runtime


class Params(Section):
    """The settings of this rule."""

    batch_size: int


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Original rows first, then augmented ones: the order in which students read them."""
    device = devices.prepare(arguments.device, arguments.threads, seed=0)
    tokens = concatenate([read_tokens(arguments.train), read_tokens(arguments.augmented)])
    write_logits(arguments.output, compute_logits(load_model(arguments.teacher), tokens, params.batch_size, device))
    print(f"{len(tokens)} rows: {arguments.output}")


if __name__ == "__main__":
    arguments = parser(__doc__)
    add_paths(
        arguments,
        teacher="folder of the teacher",
        train="tokens of the training rows",
        augmented="tokens of the augmented rows",
        output="safetensors file with logits of shape (rows, outputs)",
    )
    add_runtime(arguments)
    run(main, Params, arguments)
