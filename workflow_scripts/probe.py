"""Probe a model: what a linear model finds in the frozen states of each of its layers."""

import argparse
from pathlib import Path

from multipress.compression.rebuild import load_model
from multipress.core import devices
from multipress.deployment.packed_models import load_packed
from multipress.model.bert import BertClassifier
from workflow_scripts import _probing
from workflow_scripts._command import add_paths, run

WEIGHTS = "model.safetensors"
"""What stands for a folder of a model."""


class Params(_probing.Params):
    """The settings of this rule."""

    seed: int
    recipe: str


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the model's rows."""
    device = devices.prepare(arguments.device, arguments.threads, seed=0)
    of = params.model_dump(include={"task", "arch", "seed", "recipe"})
    _probing.write_probes(_load(arguments.model), of, params, arguments, device)


def _load(path: Path) -> BertClassifier:
    return load_model(path.parent) if path.name == WEIGHTS else load_packed(path)[0]


if __name__ == "__main__":
    command = _probing.arguments(__doc__)
    add_paths(command, model=f"{WEIGHTS} of the model's folder, or the packed model")
    run(main, Params, command)
