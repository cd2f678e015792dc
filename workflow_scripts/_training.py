"""What the four training scripts share: their params, their arguments, and how a job begins and ends."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch

from multipress import checkpoints, devices
from multipress.batches import RowBatches, read_training_rows
from multipress.config.base import Section
from multipress.config.encoders import ArchitectureSpec
from multipress.config.training import DistillationSettings, TrainingSettings
from multipress.data.prepared import PreparedTask, read_task
from multipress.files import digest
from multipress.training import Training
from workflow_scripts._command import add_paths, parser
from workflow_scripts._runtime import add_runtime


class TrainingParams(Section):
    """The configuration slice of a training job."""

    task: str
    arch: str
    seed: int
    recipe: str
    architecture: ArchitectureSpec
    training: TrainingSettings
    distillation: DistillationSettings | None


def training_parser(description: str | None, **start: str) -> argparse.ArgumentParser:
    """Arguments of a training script; ``start`` names the path it starts from and its help text."""
    result = parser(description)
    add_paths(
        result,
        task_file="task.json of the prepared task",
        tokenizer="folder with the tokenizer",
        train="tokens of the training rows",
        output_dir="folder of the model to write",
        history="CSV file of losses to write",
        **start,
    )
    result.add_argument(
        "--augmented", type=Path, nargs="?", help="tokens of the augmented rows, where kd is in the lineage"
    )
    result.add_argument("--teacher-logits", type=Path, nargs="?", help="the teacher's logits on both, likewise")
    add_runtime(result)
    return result


def add_encoder(to: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the encoder that a first step starts from."""
    to.add_argument(
        "--encoder", type=Path, nargs="?", help="model.safetensors of a pretrained encoder; default: random weights"
    )
    return to


@dataclass(frozen=True)
class Job:
    """What a training job works on."""

    task: PreparedTask
    device: torch.device
    batches: RowBatches


def begin(params: TrainingParams, arguments: argparse.Namespace) -> Job:
    """Seed everything from (seed, task, arch, recipe), and read the training rows."""
    seed = digest(params.seed, params.task, params.arch, params.recipe)
    device = devices.prepare(arguments.device, arguments.threads, seed)
    tokens, logits = read_training_rows(arguments.train, arguments.augmented, arguments.teacher_logits)
    batches = RowBatches(tokens, params.training.batch_size, seed, device, logits)
    print(f"{params.recipe} of {params.arch} on {params.task}, seed {params.seed}: {len(tokens)} rows on {device}")
    return Job(read_task(arguments.task_file), device, batches)


def publish(model: torch.nn.Module, training: Training, arguments: argparse.Namespace) -> None:
    """Write the history and the checkpoint."""
    training.write_history(arguments.history)
    checkpoints.save(model, arguments.output_dir, arguments.tokenizer, training.summary())
    print(f"{training.steps} steps in {training.seconds:.1f} s: {arguments.output_dir}")
