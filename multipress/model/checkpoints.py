"""Checkpoints in Hugging Face layout: any dense or pruned one loads with AutoModelForSequenceClassification."""

import shutil
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.core.files import read_json, replacing, write_json
from multipress.core.tensor_files import read_tensors, write_tensors
from multipress.data.tokenizer_files import TOKENIZER_FILES
from multipress.model.bert import BertClassifier, config_json
from multipress.model.config import BertConfig
from multipress.model.config_file import read_classifier_config
from multipress.model.foreign_weights import check_classifier, read_classifier

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
        UserError: it is missing, damaged, or that of a model which is not computed here, or somebody else's weights
            beside it are not those that it describes.
    """
    config = read_classifier_config(folder / "config.json")
    if _is_foreign(folder):
        check_classifier(folder, config)  # before a model of that size is made
    return config


def _is_foreign(folder: Path) -> bool:
    """Whether a model is somebody else's, which may have old names, shards and other number formats."""
    return not (folder / STEPS_FILE).exists()


def load_state(model: BertClassifier, folder: Path) -> None:
    """Load the folder's weights into ``model``, every name and shape accounted for.

    Raises:
        UserError: the weights are missing, damaged, or not those of the model.
    """
    if _is_foreign(folder):
        model.load_state_dict(read_classifier(folder, model.config), strict=True)
        return
    try:
        model.load_state_dict(read_tensors(folder / "model.safetensors"), strict=True)
    except RuntimeError as error:
        reason = (str(error).splitlines()[1].strip() if "\n" in str(error) else str(error))[:_LONGEST_REASON]
        raise UserError(
            f"{folder}/model.safetensors does not fit config.json and {STEPS_FILE} ({reason}): rerun its rule"
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
