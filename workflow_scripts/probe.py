"""Probe a model: what a linear model finds in the frozen states of each of its layers."""

import argparse

from multipress.core import devices
from multipress.deployment.packed_models import load_packed
from workflow_scripts import _probing
from workflow_scripts._command import add_paths, run


class Params(_probing.Params):
    """The settings of this rule."""

    seed: int
    recipe: str


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the model's rows."""
    device = devices.prepare(arguments.device, arguments.threads, seed=0)
    of = params.model_dump(include={"task", "arch", "seed", "recipe"})
    model, _ = load_packed(arguments.model)
    _probing.write_probes(model, of, params, arguments, device)


if __name__ == "__main__":
    command = _probing.arguments(__doc__)
    add_paths(command, model="packed model")
    run(main, Params, command)
