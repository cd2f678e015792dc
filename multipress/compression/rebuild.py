"""Checkpoints of any recipe, read once: configuration, steps, and the model that they describe."""

from dataclasses import dataclass
from pathlib import Path

from multipress.compression.implementations import rebuild
from multipress.compression.steps_file import ModelSteps, read_steps
from multipress.model import checkpoints
from multipress.model.bert import BertClassifier, BertConfig


@dataclass(frozen=True)
class Checkpoint:
    """A model and what its folder says of it."""

    folder: Path
    steps: ModelSteps
    model: BertClassifier
    """In evaluation mode, on the CPU."""


def open_checkpoint(folder: Path, dropout: float | None = None) -> Checkpoint:
    """Read a checkpoint; ``dropout`` replaces the configuration's.

    Raises:
        UserError: a file is missing or damaged, or weights and configuration do not belong together.
    """
    config, steps = checkpoints.read_config(folder), read_steps(folder)
    if dropout is not None:
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    model = new_model(config, steps)
    checkpoints.load_state(model, folder)
    return Checkpoint(folder, steps, model.eval())


def load_model(folder: Path) -> BertClassifier:
    """The model of a checkpoint in evaluation mode; raises as ``open_checkpoint`` does."""
    return open_checkpoint(folder).model


def new_model(config: BertConfig, steps: ModelSteps) -> BertClassifier:
    """A model with random weights and the layers that its steps gave it."""
    model = BertClassifier(config)
    rebuild(model, steps.steps)
    return model
