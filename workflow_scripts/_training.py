"""What the four training scripts share: their params, their arguments, and how a job begins and ends."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch

from multipress.core import devices
from multipress.core.files import stable_seed
from multipress.core.settings import Section
from multipress.data.prepared import PreparedTask, read_task
from multipress.data.tokens import read_tokens
from multipress.model import checkpoints
from multipress.training.batches import RowBatches, read_training_rows
from multipress.training.dev_score import dev_scorer
from multipress.training.loop import Training, TrainingContext
from multipress.training.settings import TrainingSettings
from workflow_scripts._command import add_paths, parser
from workflow_scripts._runtime import add_precision, add_runtime, prepare_training
from workflow_scripts._states import add_states, open_states


class TrainingParams(Section):
    """What the slices of all training jobs have in common."""

    task: str
    arch: str
    seed: int
    recipe: str
    training: TrainingSettings


def training_parser(description: str | None) -> argparse.ArgumentParser:
    """Arguments of a training script, less those that say what it starts from."""
    result = parser(description)
    add_paths(
        result,
        task_file="task.json of the prepared task",
        tokenizer="folder with the tokenizer",
        train="tokens of the training rows",
        output_dir="folder of the model to write",
        history="CSV file of losses to write",
    )
    result.add_argument(
        "--augmented", type=Path, nargs="?", help="tokens of the augmented rows, where kd is in the lineage"
    )
    result.add_argument("--teacher-logits", type=Path, nargs="?", help="the teacher's logits on both, likewise")
    result.add_argument("--monitor", type=Path, help="tokens of dev rows, for a score at the end of each epoch")
    add_runtime(result)
    add_precision(result)
    add_states(result)
    return result


def add_encoder(to: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the encoder that a first step starts from."""
    to.add_argument(
        "--encoder", type=Path, nargs="?", help="model.safetensors of a pretrained encoder; default: random weights"
    )
    return to


def add_parent(to: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the model that a compression step starts from."""
    add_paths(to, parent="folder of the parent model")
    return to


@dataclass(frozen=True)
class TrainingJob:
    """What a training job works on, and how."""

    task: PreparedTask
    batches: RowBatches
    context: TrainingContext
    arguments: argparse.Namespace

    @property
    def device(self) -> torch.device:
        """Where the job computes."""
        return self.context.device

    def publish(self, model: torch.nn.Module, training: Training) -> None:
        """Write the history and the checkpoint; then the job's saved states are of no more use."""
        training.write_history(self.arguments.history)
        checkpoints.save(model, self.arguments.output_dir, self.arguments.tokenizer, training.summary())
        if self.context.states:
            self.context.states.clear()
        print(f"{training.steps} steps in {training.seconds:.1f} s: {self.arguments.output_dir}")


def begin(script: str, start: Path | None, params: TrainingParams, arguments: argparse.Namespace) -> TrainingJob:
    """Seed everything from (seed, task, arch, recipe), read the rows, and find the states of an interrupted run.

    ``start`` is the file of the weights that the job starts from, if there is one.
    """
    seed = stable_seed(params.seed, params.task, params.arch, params.recipe)
    device = prepare_training(arguments, seed)
    tokens, logits = read_training_rows(arguments.train, arguments.augmented, arguments.teacher_logits)
    batches = RowBatches(tokens, params.training.batch_size, seed, device, logits)
    task = read_task(arguments.task_file)
    name = f"{params.task}-{params.arch}-seed{params.seed}-{params.recipe}"
    vocabulary = arguments.tokenizer / "tokenizer.json"
    inputs = [arguments.train, arguments.augmented, arguments.teacher_logits, arguments.task_file, vocabulary, start]
    monitor = read_tokens(arguments.monitor) if arguments.monitor else None
    context = TrainingContext(
        device,
        bfloat16=devices.uses_bfloat16(arguments.precision, device),
        states=open_states(script, name, params, inputs, device, arguments),
        dev_score=dev_scorer(task.kind, monitor, params.training.batch_size, device) if monitor else None,
    )
    print(f"{params.recipe} of {params.arch} on {params.task}, seed {params.seed}: {len(tokens)} rows on {device}")
    return TrainingJob(task, batches, context, arguments)
