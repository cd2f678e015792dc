"""Checkpoints in Hugging Face layout: any dense or pruned one loads with AutoModelForSequenceClassification."""

import shutil
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from multipress.core.errors import UserError
from multipress.core.files import read_json, replacing, write_json
from multipress.core.tensor_files import read_tensors, write_tensors
from multipress.core.validation import explain
from multipress.data.tokenizer_files import TOKENIZER_FILES
from multipress.model.bert import BertClassifier, BertConfig, config_json

STEPS_FILE = "steps.json"
"""What made the model: ``multipress.compression.steps_file`` reads it."""

_LONGEST_REASON = 160
"""Characters; a list of every tensor helps nobody."""


def save(model: BertClassifier, folder: Path, tokenizer: Path, training: dict[str, Any], steps: dict[str, Any]) -> None:
    """Write weights, configuration, the tokenizer beside them, ``training.json`` and ``steps.json``.

    Args:
        model: its state goes to model.safetensors, in the order of its names.
        folder: where they go.
        tokenizer: folder with the tokenizer's files.
        training: what is worth knowing of the training: steps, seconds, losses.
        steps: what made the model, and what rebuilding its layers takes.
    """
    for name in TOKENIZER_FILES:
        with replacing(folder / name) as temporary:
            shutil.copyfile(tokenizer / name, temporary)
    write_json(folder / "config.json", config_json(model.config))
    write_json(folder / "training.json", training)
    write_json(folder / STEPS_FILE, steps)
    write_tensors(folder / "model.safetensors", model.state_dict())


def read_config(folder: Path) -> BertConfig:
    """The model's configuration.

    Raises:
        UserError: it is missing or damaged.
    """
    file = folder / "config.json"
    try:
        return BertConfig.model_validate(read_json(file))
    except ValidationError as error:
        raise UserError(explain(error, BertConfig, str(file))) from None


def load_state(model: torch.nn.Module, folder: Path) -> None:
    """Load the folder's weights into ``model``, every name and shape accounted for."""
    try:
        model.load_state_dict(read_tensors(folder / "model.safetensors"), strict=True)
    except RuntimeError as error:
        reason = (str(error).splitlines()[1].strip() if "\n" in str(error) else str(error))[:_LONGEST_REASON]
        steps = STEPS_FILE if (folder / STEPS_FILE).exists() else f"no {STEPS_FILE}"
        raise UserError(
            f"{folder}/model.safetensors does not fit config.json and {steps} ({reason}): rerun its rule"
        ) from None


def vocabulary_size(tokenizer: Path) -> int:
    """Tokens in a tokenizer's folder, added ones among them.

    Raises:
        UserError: the tokenizer is missing or damaged.
    """
    file = tokenizer / "tokenizer.json"
    try:
        content = read_json(file)
        return len({*content["model"]["vocab"], *(token["content"] for token in content["added_tokens"])})
    except (KeyError, TypeError):
        raise UserError(f"{file} holds no vocabulary; delete it and rerun the rule that makes it") from None
