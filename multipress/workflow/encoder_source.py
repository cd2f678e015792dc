"""Encoders from the user's folder: which files there are to read, and whether they will do; known when planning."""

from pathlib import Path

from multipress.core.errors import UserError
from multipress.model.config import BertConfig
from multipress.model.encoder_files import check_encoder, check_pairs, check_positions, encoder_sources
from multipress.workflow.configuration import Config


def source_files(config: Config, arch: str) -> list[str]:
    """The files of an architecture's encoder: config.json, and the weights in one file or in shards.

    Raises:
        UserError: a file is missing.
    """
    return [str(file) for file in encoder_sources(_folder(config, arch))]


def check_encoders(config: Config) -> None:
    """Refuse encoders that cannot be computed, are of another shape, or have no room for the study's rows.

    Raises:
        UserError: a file is missing or damaged, says what cannot be computed, or does not suit the study.
    """
    for arch in config.source_architectures:
        folder = _folder(config, arch)
        if not folder.is_dir():
            raise UserError(
                f"{folder} does not exist: correct encoder.folder, which has a folder for each architecture"
            )
        encoder = check_encoder(folder, config.all_architectures[arch])
        _check_rows(config, encoder, folder / "config.json")


def _check_rows(config: Config, encoder: BertConfig, file: Path) -> None:
    for task in config.study.tasks:
        check_positions(encoder, file, config.stage("tokenize", task).max_length, "tokenize.max_length")
        if len(config.task(task).text_columns) > 1:
            check_pairs(encoder, file)
    if config.latency.tasks:
        for length in config.latency.lengths:
            check_positions(encoder, file, length, "latency.lengths")


def _folder(config: Config, arch: str) -> Path:
    return Path(config.encoder.folder or "", arch)
