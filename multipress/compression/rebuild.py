"""Checkpoints of any recipe, read once: configuration, steps, and the model that they describe.

Of a method's folder this needs ``structure.py``, if its layers differ from a plain BERT's, and ``export.py``, if
those are written to ONNX in their own way; neither trains.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multipress.compression.lowering import Lowerings
from multipress.compression.registry import has, part_of
from multipress.compression.steps_file import ModelSteps, StepRecord, read_steps
from multipress.core.errors import UserError
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
    steps, config = read_steps(folder), checkpoints.read_config(folder)
    if dropout is not None:
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    model = new_model(config, steps)
    checkpoints.load_state(model, folder)
    return Checkpoint(folder, steps, model.eval())


def load_model(folder: Path) -> BertClassifier:
    """The model of a checkpoint in evaluation mode; raises as ``open_checkpoint`` does."""
    return open_checkpoint(folder).model


def new_model(config: BertConfig, steps: ModelSteps) -> BertClassifier:
    """A model with random weights and the layers that its steps gave it.

    Raises:
        UserError: the record of a step does not describe layers of such a model.
    """
    model = BertClassifier(config)
    for step in steps.steps:
        if step.structure is not None:
            _rebuild(model, step, step.structure)
    return model


def _rebuild(model: BertClassifier, step: StepRecord, structure: dict[str, Any]) -> None:
    """Replace layers, in place, by those that a step gave the model."""
    if not has(step.method, "structure"):
        raise UserError(
            f"steps.json: step {step.name} is of {step.method!r}, which makes no layers here: train it again"
        )
    try:
        part_of(step.method, "structure").rebuild(model, structure)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"steps.json: step {step.name} does not describe its layers ({reason}): train it again"
        ) from None


def lowerings(steps: ModelSteps) -> Lowerings:
    """How layers that the steps brought in are written to ONNX, by their classes."""
    found: Lowerings = {}
    for step in steps.steps:
        if has(step.method, "export"):
            found |= part_of(step.method, "export").LOWERINGS
    return found
