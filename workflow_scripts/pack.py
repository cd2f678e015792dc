"""Write all recipes of one (task, arch, seed) as packed files: as few bytes as rebuilding the model takes."""

import argparse

from multipress.deployment.packed_models import pack_checkpoint
from workflow_scripts._command import run
from workflow_scripts._deployment import Params, deployment_parser, write_each


def main(params: Params, arguments: argparse.Namespace) -> None:
    """One model after the other."""
    write_each(params, arguments, ".safetensors", pack_checkpoint)


if __name__ == "__main__":
    run(main, Params, deployment_parser(__doc__))
