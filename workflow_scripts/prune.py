"""Prune a model's encoder by magnitude while it trains on: recipe step mp<percent>."""

import argparse

from multipress import checkpoints, recipes
from multipress.config.training import PruneSettings
from multipress.distillation import lineage_objective
from multipress.pruning import Pruner
from multipress.training import train
from workflow_scripts._command import run
from workflow_scripts._training import TrainingParams, begin, publish, training_parser


class Params(TrainingParams):
    """The configuration slice of this rule."""

    training: PruneSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Raise the sparsity along the schedule, starting from the parent's weights."""
    job = begin(params, arguments)
    model = checkpoints.load_float(arguments.parent, params.training.dropout).to(job.device)
    pruner = Pruner(model, params.training, recipes.sparsity(params.recipe))
    objective = lineage_objective(job.task.kind, params.distillation)
    training = train(model, job.batches, objective, params.training, job.device, [pruner])
    publish(model, training, arguments)


if __name__ == "__main__":
    run(main, Params, training_parser(__doc__, parent="folder of the parent model"))
