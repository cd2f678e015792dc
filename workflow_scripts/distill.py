"""Distill the teacher into a student on original and augmented rows: recipe kd."""

import argparse

from multipress.compression.distill.objective import distillation_objective
from multipress.compression.distill.settings import DistillSettings
from multipress.model.build import start_classifier
from multipress.model.checkpoints import vocabulary_size
from multipress.model.shape import ArchitectureSpec
from multipress.training.loop import train
from workflow_scripts._command import run
from workflow_scripts._training import TrainingParams, add_encoder, begin, training_parser


class Params(TrainingParams):
    """The configuration slice of this rule."""

    architecture: ArchitectureSpec
    training: DistillSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Train from the encoder, or from random weights where none is given."""
    job = begin("distill", arguments.encoder, params, arguments)
    vocabulary = vocabulary_size(arguments.tokenizer)
    model = start_classifier(params.architecture, vocabulary, job.task, params.training.dropout, arguments.encoder)
    objective = distillation_objective(job.task.kind, params.training)
    training = train(model, job.batches, objective, params.training, job.context)
    job.publish(model, training)


if __name__ == "__main__":
    run(main, Params, add_encoder(training_parser(__doc__)))
