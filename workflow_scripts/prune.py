"""Prune a model's encoder by magnitude while it trains on: recipe step mp<percent>."""

import argparse
from dataclasses import replace

from multipress.compression import recipes
from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import lineage_objective
from multipress.compression.prune.masks import Pruner
from multipress.compression.prune.settings import PruneSettings
from multipress.model import checkpoints
from multipress.training.loop import train
from workflow_scripts._command import run
from workflow_scripts._training import TrainingParams, add_parent, begin, training_parser


class Params(TrainingParams):
    """The configuration slice of this rule."""

    training: PruneSettings
    distillation: DistillationSettings | None
    """The parent's loss, where kd is in the lineage."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Raise the sparsity along the schedule, starting from the parent's weights."""
    job = begin("prune", arguments.parent / "model.safetensors", params, arguments)
    model = checkpoints.load_float(arguments.parent, params.training.dropout).to(job.device)
    pruner = Pruner(model, params.training, recipes.sparsity(params.recipe))
    objective = lineage_objective(job.task.kind, params.distillation)
    training = train(model, job.batches, objective, params.training, replace(job.context, hooks=[pruner]))
    job.publish(model, training)


if __name__ == "__main__":
    run(main, Params, add_parent(training_parser(__doc__)))
