"""Checks that need no job: what must be there before the first one starts."""

import os
from collections.abc import Iterable
from pathlib import Path

from multipress.config.study import Config
from multipress.data.folder import find_split
from multipress.data.wordnet import check_wordnet
from multipress.errors import UserError


def source_folder(config: Config, task: str) -> Path | None:
    """Folder that holds a task's source files; None for the synthetic ones."""
    source = config.source(task)
    if source == "synthetic":
        return None
    if source == "hub":
        return Path(config.results, "downloads", "data", task)
    own = config.task(task).folder
    return Path(own) if own else Path(config.data.folder or "", task)


def source_files(config: Config, task: str) -> list[Path]:
    """The files that a task is prepared from, one a split.

    Raises:
        UserError: a file of a folder source is missing.
    """
    folder = source_folder(config, task)
    if folder is None:
        return []
    splits = sorted(config.task(task).splits.values())
    if config.source(task) == "hub":
        return [folder / f"{split}.parquet" for split in splits]
    return [find_split(folder, split) for split in splits]


def check_places(config: Config) -> None:
    """Look at the folders and files that the configuration names: without them there is no graph.

    Raises:
        UserError: a source file is missing, or the results folder cannot be written.
    """
    _check_writable(Path(config.results))
    for task in config.study.tasks:
        source_files(config, task)
    for path in _given_paths(config):
        if not path.exists():
            raise UserError(f"{path} does not exist: correct its path in the configuration")


def check_lexicon(config: Config, tasks: Iterable[str]) -> None:
    """Stop a run that could not augment one of these tasks.

    Raises:
        UserError: WordNet is needed and not found.
    """
    settings = [config.stage("augment", task) for task in tasks]
    if any(setting.lexicon == "wordnet" and setting.copies for setting in settings):
        check_wordnet()


def _given_paths(config: Config) -> list[Path]:
    paths: list[str] = []
    sources = {config.encoder.source, config.tokenizer.source}
    if config.tokenizer.source == "folder":
        paths.append(str(Path(config.tokenizer.folder or "", "vocab.txt")))
    if config.encoder.source == "folder":
        files = ("model.safetensors", "config.json")
        folders = [Path(config.encoder.folder or "", arch) for arch in config.trained_architectures]
        paths += [str(folder / name) for folder in folders for name in files]
    if isinstance(config.pretrain.corpus, list) and {"pretrain", "train"} & sources:
        paths += config.pretrain.corpus
    return [Path(path) for path in paths]


def _check_writable(folder: Path) -> None:
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"results {str(folder)!r} cannot be written, because of {existing}: choose another folder")
