"""Checks that need no job: what must be there before the first one starts."""

import os
import shlex
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from multipress.core.errors import UserError
from multipress.data.folder import find_split
from multipress.data.wordnet import check_wordnet
from multipress.workflow.code.plan import BYTES_COMPARED
from multipress.workflow.configuration import Config
from multipress.workflow.encoder_source import check_encoders
from multipress.workflow.tokenizer_source import check_tokenizer

_CLOCKS_DIFFER = 60
"""Seconds by which another machine's clock may be ahead."""


def source_file(config: Config, task: str, split: str) -> Path:
    """The file that a split is prepared from: downloaded, generated, or the user's.

    Raises:
        UserError: the user's file is missing.
    """
    spec, source = config.task(task), config.source(task)
    if source == "hub":
        return Path(config.results, "downloads", "data", task, f"{spec.splits[split]}.parquet")
    if source == "synthetic":
        return Path(config.results, "generated", "data", task, f"{split}.parquet")
    return find_split(spec.folder or Path(config.data.folder or "", task), spec.splits[split])


def check_paths(config: Config) -> None:
    """Check the folders and files that the configuration names: without them there is no graph.

    Raises:
        UserError: a source file is missing, a dev set is the training set, or the results folder is no folder.
    """
    try:
        _check_folder(config.results)
        for task in config.study.tasks:
            _check_splits(config, task)
        for path in _corpus(config):
            if not Path(path).exists():
                raise UserError(f"{path} does not exist: correct its path in the configuration")
        if config.encoder.source == "folder":
            check_encoders(config)
        if config.tokenizer.source == "folder":
            check_tokenizer(config)
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise UserError(f"{error.filename}: {error.strerror}: correct its path in the configuration") from None


def check_dates(files: Iterable[str]) -> None:
    """Stop a run that would read large files of tomorrow: what it makes would be older, and stale, for ever.

    Of smaller ones Snakemake compares the bytes.

    Raises:
        UserError: a file is dated in the future.
    """
    now = time.time()
    for file in sorted(files):
        if not Path(file).exists():
            continue
        found = Path(file).stat()
        if found.st_mtime > now + _CLOCKS_DIFFER and found.st_size > BYTES_COMPARED:
            dated = datetime.fromtimestamp(found.st_mtime).astimezone().isoformat(" ", "seconds")
            raise UserError(
                f"{file} is dated in the future ({dated}), so that whatever is made from it would look old: "
                f"{shlex.join(['touch', file])}"
            )


def check_lexicon(config: Config, tasks: Iterable[str]) -> None:
    """Stop a run that could not augment one of these tasks.

    Raises:
        UserError: WordNet is needed and not found.
    """
    settings = [config.stage("augment", task) for task in tasks]
    if any(setting.lexicon == "wordnet" and setting.copies for setting in settings):
        check_wordnet()


def _check_splits(config: Config, task: str) -> None:
    splits = config.task(task).splits
    train = source_file(config, task, "train")
    for split in splits.keys() - {"train"}:
        file = source_file(config, task, split)
        if file.exists() and train.exists() and file.samefile(train):
            raise UserError(
                f"{file} is the same file as {train}: give task {task} other rows to test on than to learn from"
            )


def _corpus(config: Config) -> list[str]:
    """The user's files that an encoder or a tokenizer is trained on."""
    is_read = {"pretrain", "train"} & {config.encoder.source, config.tokenizer.source}
    return config.pretrain.corpus if is_read and isinstance(config.pretrain.corpus, list) else []


def check_writable(config: Config) -> None:
    """Check that the run can write its results; to look at a study, nobody needs to.

    Raises:
        UserError: the folder cannot be written.
    """
    existing = _existing(Path(config.results))
    if not os.access(existing, os.W_OK | os.X_OK):
        raise _unwritable(config.results, existing)


def _check_folder(results: str) -> None:
    """Nothing but a folder may lie where the results are to be."""
    folder = Path(results)
    if folder.is_symlink() and not folder.exists():
        remedy = shlex.join(["mkdir", "--parents", str(folder.resolve())])
        raise UserError(f"results {results!r} is a link to nothing: {remedy}")
    if not (existing := _existing(folder)).is_dir():
        raise _unwritable(results, existing)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _unwritable(results: str, existing: Path) -> UserError:
    return UserError(f"results {results!r} cannot be written, because of {existing}: choose another folder")
