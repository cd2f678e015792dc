"""Train a model on with fake-quantized weights and activations: recipe step int<bits>."""

import argparse
from dataclasses import replace

from multipress.compression import recipes
from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.compression.distill.objective import lineage_objective
from multipress.compression.prune.masks import MaskKeeper
from multipress.compression.quantize import layers
from multipress.compression.quantize.scheme import scheme_of
from multipress.compression.quantize.settings import QuantizeSettings
from multipress.core.files import write_json
from multipress.model import checkpoints
from multipress.training.loop import train
from workflow_scripts._command import run
from workflow_scripts._training import TrainingParams, add_parent, begin, training_parser


class Params(TrainingParams):
    """The configuration slice of this rule."""

    training: QuantizeSettings
    distillation: DistillationSettings | None
    """The parent's loss, where kd is in the lineage."""


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Insert the quantizers into the parent, keep its zeros if it is pruned, train, and settle on the grid."""
    job = begin("quantize", arguments.parent / "model.safetensors", params, arguments)
    model = checkpoints.load_float(arguments.parent, params.training.dropout)
    settings = params.training
    scheme = scheme_of(settings, recipes.bits(params.recipe), observer_decay=settings.observer_decay)
    layers.insert_quantizers(model, scheme)
    model.to(job.device)
    keeper = [MaskKeeper(model)] if recipes.sparsity(params.recipe) else []
    # Not in bfloat16: its numbers have eight significant bits, a scale times an integer needs more.
    context = replace(job.context, hooks=[layers.GridWeights(model), *keeper], bfloat16=False)
    objective = lineage_objective(job.task.kind, params.distillation)
    training = train(model, job.batches, objective, params.training, context)
    layers.round_weights(model)
    write_json(arguments.output_dir / checkpoints.SCHEME_FILE, scheme.model_dump())
    job.publish(model, training)


if __name__ == "__main__":
    run(main, Params, add_parent(training_parser(__doc__)))
