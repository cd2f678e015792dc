"""Fine-tune an encoder on a task with the task loss: recipe ft, which is also how the teacher is made."""

import argparse

from multipress.compression.finetune.settings import FinetuneSettings
from multipress.model.build import start_classifier
from multipress.model.checkpoints import vocabulary_size
from multipress.model.shape import ArchitectureSpec
from multipress.training.loop import train
from multipress.training.objectives import task_objective
from workflow_scripts._command import run
from workflow_scripts._training import TrainingParams, add_encoder, begin, training_parser


class Params(TrainingParams):
    """The configuration slice of this rule."""

    architecture: ArchitectureSpec
    training: FinetuneSettings


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Train from the encoder, or from random weights where none is given."""
    job = begin("finetune", arguments.encoder, params, arguments)
    vocabulary = vocabulary_size(arguments.tokenizer)
    model = start_classifier(params.architecture, vocabulary, job.task, params.training.dropout, arguments.encoder)
    training = train(model, job.batches, task_objective(job.task.kind), params.training, job.context)
    job.publish(model, training)


if __name__ == "__main__":
    run(main, Params, add_encoder(training_parser(__doc__)))
