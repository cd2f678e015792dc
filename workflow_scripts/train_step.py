"""Make a model by one step of its recipe that trains: fine-tuning, distillation, pruning …

Serves all rules of methods that train; --params says which method.
"""

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from multipress.compression.implementations import apply_step, keepers
from multipress.compression.method import Group
from multipress.compression.rebuild import load_model
from multipress.compression.registry import methods
from multipress.compression.step_work import Applied, StepWork
from multipress.compression.steps_file import ModelSteps
from multipress.core import devices
from multipress.core.errors import UserError
from multipress.data.prepared import PreparedTask, read_task
from multipress.data.token_files import read_tokens
from multipress.model.build import start_classifier
from multipress.model.checkpoints import vocabulary_size
from multipress.model.config import BertConfig
from multipress.model.encoder_files import check_pairs, check_positions
from multipress.training import tries
from multipress.training.batches import RowBatches, read_training_rows
from multipress.training.dev_score import dev_scorer
from multipress.training.loop import Training, TrainingContext
from multipress.training.settings import TrainingSettings
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._runtime import add_precision, add_runtime, prepare_training
from workflow_scripts._states import add_states, open_states
from workflow_scripts._steps import Params, Start, read_parent, save_model


@dataclass(frozen=True)
class TrainingJob:
    """What a training job works on, and how."""

    params: Params
    settings: TrainingSettings
    task: PreparedTask
    batches: RowBatches
    context: TrainingContext
    arguments: argparse.Namespace

    def start(self) -> Start:
        """The parent, or an encoder with a new head; on the job's device."""
        params, arguments, dropout = self.params, self.arguments, self.settings.dropout
        if arguments.parent:
            start = read_parent(params, arguments.parent, dropout)
        elif methods()[params.method].group != Group.START:
            raise UserError(f"{params.method} changes a trained model: name it as --parent")
        elif params.architecture is None:
            raise UserError(f"--params: {params.method} starts from an encoder; add architecture")
        else:
            vocabulary = vocabulary_size(arguments.tokenizer)
            model = start_classifier(params.architecture, vocabulary, self.task, dropout, arguments.encoder)
            start = Start(model, ModelSteps())
            if arguments.encoder:
                self._check_rows(model.config, _config_of(arguments.encoder))
        start.model.to(self.context.device)
        return start

    def _check_rows(self, config: BertConfig, file: Path) -> None:
        """Refuse an encoder that has no room for the rows."""
        check_positions(config, file, self.batches.longest, "tokenize.max_length")
        if self.batches.has_pairs:
            check_pairs(config, file)

    def as_try(self, number: int) -> "TrainingJob":
        """The job with the seed and the states of one of its tries; those before the last are needed once more."""
        states = self.context.states.part(f"try{number}") if self.context.states else None
        context = replace(self.context, states=states, saves_end=number + 1 < self.params.tries)
        return replace(self, batches=self.batches.with_seed(self.params.seed_of_try(number)), context=context)

    def make(self) -> "Made":
        """Start from the encoder or the parent, apply the method, keep what earlier steps made."""
        start = self.start()
        taught_by = self.arguments.feature_teacher
        teacher = load_model(taught_by).to(self.context.device) if taught_by else None
        objective = self.params.objective(start.steps, self.task.kind, teacher)
        context = replace(self.context, hooks=keepers(start.steps, start.model))
        times = self.arguments.layer_times
        work = StepWork(self.settings, self.params.argument, self.batches, context, objective, times)
        applied = apply_step(self.params.method, start.model, work)
        if applied.training is None:
            raise UserError(f"{self.params.method} trained nothing: its spec says that it trains")
        return Made(start, applied, applied.training)

    def publish(self, made: "Made", tried: dict[str, Any] | None = None) -> None:
        """Write the history and the checkpoint; then the job's saved states are of no more use.

        ``tried`` is what training.json says of several tries.
        """
        training, arguments = made.training, self.arguments
        training.write_history(arguments.history)
        record = self.params.record(made.applied, made.start.model)
        summary = training.summary() | (tried or {})
        save_model(made.start, record, arguments.output_dir, arguments.tokenizer, summary)
        if self.context.states:
            self.context.states.clear()
        print(f"{training.steps} steps in {training.seconds:.1f} s: {arguments.output_dir}")


@dataclass(frozen=True)
class Made:
    """A model that was trained."""

    start: Start
    applied: Applied
    training: Training


def _config_of(encoder: Path) -> Path:
    """What says how an encoder computes; its weights are one file, and this one lies beside them."""
    return encoder.with_name("config.json")


def _weights_in(folder: Path | None) -> Path | None:
    return folder / "model.safetensors" if folder else None


def begin(params: Params, arguments: argparse.Namespace) -> TrainingJob:
    """Seed everything, read the rows, and find the states of an interrupted run."""
    params.check(trains=True)
    settings, seed = params.read_settings(), params.seed_of_model
    device = prepare_training(arguments, seed)
    tokens, logits = read_training_rows(arguments.train, arguments.augmented, arguments.teacher_logits)
    batches = RowBatches(tokens, settings.batch_size, seed, device, logits)
    if arguments.counted:
        settings = _as_long_as_with(len(read_tokens(arguments.counted)), settings, len(tokens))
    task = read_task(arguments.task_file)
    name = f"{params.task}-{params.arch}-seed{params.seed}-{params.recipe}"
    start = _weights_in(arguments.parent) or arguments.encoder
    vocabulary = arguments.tokenizer / "tokenizer.json"
    inputs = [arguments.train, arguments.augmented, arguments.counted, arguments.teacher_logits]
    inputs += [arguments.task_file, vocabulary, start, _weights_in(arguments.feature_teacher)]
    inputs += [_config_of(arguments.encoder)] if arguments.encoder else []
    inputs += [arguments.layer_times] if arguments.layer_times else []
    monitor = read_tokens(arguments.monitor) if arguments.monitor else None
    context = TrainingContext(
        device,
        bfloat16=devices.uses_bfloat16(arguments.precision, device),
        states=open_states(params.method, name, params, inputs, device, arguments),
        dev_score=dev_scorer(task.kind, monitor, settings.batch_size, device) if monitor else None,
    )
    print(f"{params.recipe} of {params.arch} on {params.task}, seed {params.seed}: {len(tokens)} rows on {device}")
    return TrainingJob(params, settings, task, batches, context, arguments)


def _as_long_as_with(further: int, settings: TrainingSettings, rows: int) -> TrainingSettings:
    """The settings with as many epochs of ``rows`` rows as take the steps of these settings with further rows."""
    own, longer = (-(-count // settings.batch_size) for count in (rows, rows + further))
    return settings.model_copy(update={"epochs": max(1, round(settings.epochs * longer)) / own})


def main(params: Params, arguments: argparse.Namespace) -> None:
    """Make the model; of several tries, the best."""
    job = begin(params, arguments)
    if params.tries == 1:
        job.publish(job.make())
    else:
        job.publish(*make_best(job))


def make_best(job: TrainingJob) -> tuple[Made, dict[str, Any]]:
    """Train all tries, one after the other: the best of them, and what training.json says of all.

    A resumed job has the state that each finished try ended with, and repeats no step of it.
    """
    kept = make_try(job, 0)
    trainings = [kept.training]
    for number in range(1, job.params.tries):
        made = make_try(job, number)
        trainings.append(made.training)
        if tries.best(trainings) == number:
            kept = made
    if said := tries.warning(trainings):
        print(said, file=sys.stderr, flush=True)
    return kept, tries.summary(trainings)


def make_try(job: TrainingJob, number: int) -> Made:
    """One of several tries, from 0: nothing random in it depends on those before."""
    print(f"try {number + 1} of {job.params.tries}", file=sys.stderr, flush=True)
    torch.manual_seed(job.params.seed_of_try(number))
    return job.as_try(number).make()


def _arguments() -> argparse.ArgumentParser:
    result = parser(__doc__)
    add_paths(
        result,
        task_file="task.json of the prepared task",
        tokenizer="folder with the tokenizer",
        train="tokens of the training rows",
        output_dir="folder of the model to write",
        history="CSV file of losses to write",
    )
    result.add_argument(
        "--parent", type=Path, nargs="?", help="folder of the parent model, which all but first steps have"
    )
    result.add_argument(
        "--encoder",
        type=Path,
        nargs="?",
        help="an encoder's model.safetensors, config.json beside it; default: random",
    )
    result.add_argument("--augmented", type=Path, nargs="?", help="tokens of augmented rows to train on, too")
    result.add_argument("--counted", type=Path, nargs="?", help="tokens of augmented rows that epochs count alone")
    result.add_argument(
        "--teacher-logits", type=Path, nargs="?", help="the teacher's logits, where its answers are trained for"
    )
    result.add_argument(
        "--feature-teacher", type=Path, nargs="?", help="folder of the teacher, where its features are trained for"
    )
    result.add_argument(
        "--layer-times", type=Path, nargs="?", help="table of how long the architecture's layers take, where it is read"
    )
    result.add_argument("--monitor", type=Path, help="tokens of dev rows, for a score at the end of each epoch")
    add_runtime(result)
    add_precision(result)
    add_states(result)
    return result


if __name__ == "__main__":
    run(main, Params, _arguments())
