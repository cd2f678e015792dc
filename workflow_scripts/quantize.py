"""Train a model on with fake-quantized weights and activations: recipe step int<bits>."""

import argparse

from multipress import checkpoints, quantization, recipes
from multipress.config.training import QuantizeSettings
from multipress.distillation import lineage_objective
from multipress.files import write_json
from multipress.pruning import MaskKeeper
from multipress.training import train
from workflow_scripts._command import run
from workflow_scripts._training import TrainingParams, begin, publish, training_parser


class Params(TrainingParams):
    """The configuration slice of this rule."""

    training: QuantizeSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Insert the quantizers into the parent, keep its zeros if it is pruned, train, and settle on the grid."""
    job = begin(params, arguments)
    model = checkpoints.load_float(arguments.parent, params.training.dropout)
    scheme = quantization.scheme(params.training, recipes.bits(params.recipe))
    quantization.insert_quantizers(model, scheme)
    model.to(job.device)
    hooks = [MaskKeeper(model)] if recipes.sparsity(params.recipe) else []
    objective = lineage_objective(job.task.kind, params.distillation)
    training = train(model, job.batches, objective, params.training, job.device, hooks)
    quantization.settle(model)
    write_json(arguments.output_dir / checkpoints.SCHEME_FILE, scheme.model_dump())
    publish(model, training, arguments)


if __name__ == "__main__":
    run(main, Params, training_parser(__doc__, parent="folder of the parent model"))
