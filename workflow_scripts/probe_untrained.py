"""Probe a model of an architecture with random weights: what a probe finds without any training of the model."""

import argparse

from multipress.core import devices
from multipress.data.prepared import PreparedTask
from multipress.dissection.probes.settings import UNTRAINED
from multipress.model.build import new_classifier
from multipress.model.checkpoints import vocabulary_size
from multipress.model.shape import ArchitectureSpec
from workflow_scripts import _probing
from workflow_scripts._command import run


class Params(_probing.Params):
    """The settings of this rule."""

    architecture: ArchitectureSpec


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Write the model's rows."""
    device = devices.prepare(arguments.device, arguments.threads, seed=0)
    head = PreparedTask(kind="regression", labels=None)  # which no probe reads
    model = new_classifier(params.architecture, vocabulary_size(arguments.tokenizer.parent), head, dropout=0.0)
    of = {"task": params.task, "arch": params.arch, "seed": 0, "recipe": UNTRAINED}
    _probing.write_probes(model, of, params, arguments, device)


if __name__ == "__main__":
    run(main, Params, _probing.arguments(__doc__))
