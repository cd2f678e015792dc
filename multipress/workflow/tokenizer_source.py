"""A tokenizer from the user's folder: which files there are to read, and whether they will do; known when planning."""

import json
from pathlib import Path

from multipress.core.errors import UserError
from multipress.data.tokenizer.folder import read_tokenizer_form
from multipress.data.tokenizer.form import TokenizerForm
from multipress.data.tokenizer_files import SETTINGS_FILES, VOCABULARY_FILES
from multipress.workflow.configuration import Config


def source_files(config: Config) -> list[str]:
    """Those of the folder's files that are read."""
    folder = Path(config.tokenizer.folder or "")
    found = [str(folder / name) for name in (*VOCABULARY_FILES, *SETTINGS_FILES) if (folder / name).is_file()]
    return found or [str(folder / VOCABULARY_FILES[0])]


def check_tokenizer(config: Config) -> None:
    """Refuse a folder's tokenizer that cannot be computed, or does not suit the study.

    Raises:
        UserError: a file is missing or damaged, or says what cannot be computed; rows are longer than it is meant for;
            or it has more tokens than an encoder knows.
    """
    folder = Path(config.tokenizer.folder or "")
    if not folder.is_dir():
        raise UserError(f"tokenizer.folder {folder} does not exist: correct its path in the configuration")
    form = read_tokenizer_form(folder, config.tokenizer.lowercase)
    for task in config.study.tasks:
        longest = config.stage("tokenize", task).max_length
        if form.settings.max_length and longest > form.settings.max_length:
            raise UserError(
                f"tokenize.max_length is {longest} for {task}, but {folder / 'tokenizer_config.json'} has "
                f"model_max_length {form.settings.max_length}: lower tokenize.max_length"
            )
    if config.encoder.source == "folder":
        for arch in config.source_architectures:
            _check_encoder(folder, form, Path(config.encoder.folder or "", arch, "config.json"))
    if config.encoder.source == "pretrain":
        _check_names(folder, form)


def _check_encoder(folder: Path, form: TokenizerForm, file: Path) -> None:
    """Whether an encoder has a row for each token; what else is wrong with its file is told elsewhere."""
    try:
        known = json.loads(file.read_bytes()).get("vocab_size")
    except (OSError, ValueError, AttributeError):
        return
    if isinstance(known, int) and form.size > known:
        raise UserError(
            f"{folder} has {form.size} tokens, but {file} has vocab_size {known}: name the encoder's own tokenizer"
        )


def _check_names(folder: Path, form: TokenizerForm) -> None:
    for name in ("[PAD]", "[CLS]", "[SEP]", "[MASK]"):
        if name not in form.settings.special:
            raise UserError(
                f"{folder}: its special tokens are {', '.join(form.settings.special)}, and pre-training here needs "
                f"{name}: use a tokenizer with BERT's names, or another encoder.source than pretrain"
            )
