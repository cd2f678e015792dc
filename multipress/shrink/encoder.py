"""The encoder to start from: a folder, or a repository of the hub; what its own files say of it."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multipress.core.errors import UserError
from multipress.core.files import write_json
from multipress.data.hub import download_files
from multipress.data.tokenization import build_form, encode
from multipress.data.tokenizer.folder import read_tokenizer_form
from multipress.data.tokenizer_files import SETTINGS_FILES, VOCABULARY_FILES
from multipress.model.config_file import read_encoder_config
from multipress.model.encoder_files import ENCODER_FILES, check_encoder, check_pairs
from multipress.model.shape import ArchitectureSpec
from multipress.shrink.source import Rows

DEFAULT = "google-bert/bert-base-uncased"

SOURCE = "source.json"
"""Beside files that came from the hub."""

ARCH = "full"
"""What the encoder is called in the study."""

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+(@[\w.-]+)?")
_POSITIONS = 8
"""Rows are padded to multiples of as many tokens on a GPU, so their longest is one."""

_LONGEST, _SHORTEST = 512, 16
_SAMPLE = 2_000
"""Rows whose tokens are counted."""

_COVERED = 0.99
"""Share of the rows that are not cut."""


@dataclass(frozen=True)
class Encoder:
    """What is known of an encoder before anything is trained."""

    name: str
    """As the user called it."""
    folder: Path
    shape: ArchitectureSpec
    vocabulary: int
    """Rows of its word table."""
    lowercase: bool
    longest: int
    """Tokens of the longest row that it can read, at most 512."""

    @property
    def public_name(self) -> str:
        """For other people: the name of a repository, and the last part of a folder, whose rest is of this machine."""
        return self.name if (self.folder / SOURCE).is_file() else Path(self.name).expanduser().resolve().name

    def describe(self) -> str:
        """A line for people."""
        shape, case = self.shape, "lower case" if self.lowercase else "upper and lower case"
        return (
            f"encoder {self.name}: {shape.layers} layers, {shape.hidden} wide, {shape.heads} heads, "
            f"{self.vocabulary:,} tokens, {case}"
        )


def find(name: str | None, out: Path) -> Path:
    """The folder of an encoder in the study's folder: a link to the user's, or the files from the hub.

    Args:
        name: A folder, ``owner/name`` on the hub, or that with ``@revision``; None: ``DEFAULT``.
        out: The study's folder.

    Raises:
        UserError: there is no such folder, or the hub cannot be reached and the cache does not have the files.
    """
    check_name(name)
    folder = out / "encoders" / ARCH
    if name is not None and Path(name).expanduser().is_dir():
        return _linked(Path(name).expanduser().resolve(), folder)
    if not (folder / SOURCE).is_file():
        _download(name, folder)
    return folder


def check_name(name: str | None) -> None:
    """Before anything is read or made.

    Raises:
        UserError: it is no folder, and no repository of the hub is called so.
    """
    if name is not None and not Path(name).expanduser().is_dir() and not _REPOSITORY.fullmatch(name):
        raise UserError(f"--encoder {name}: there is no such folder, and a repository of the hub is called owner/name")


def _linked(source: Path, folder: Path) -> Path:
    if folder.is_symlink() and folder.resolve() == source:
        return folder
    if folder.is_symlink():  # of a study that was moved, or its encoder
        folder.unlink()
    if folder.exists():
        raise UserError(f"{folder} is another encoder's: choose another --out, or remove it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(source)
    return folder


def _download(name: str | None, folder: Path) -> None:
    repository, _, revision = (name or DEFAULT).partition("@")
    try:
        commit = download_files(
            repository, revision or "main", ENCODER_FILES, folder, one_of=VOCABULARY_FILES, optional=SETTINGS_FILES
        )
    except UserError as error:
        if name is not None:
            raise
        raise UserError(
            f"without --encoder {DEFAULT} is fetched, which did not work here. Name a folder with config.json, "
            "model.safetensors and vocab.txt (--encoder FOLDER); or run this once where the network is, then with "
            f"HF_HUB_OFFLINE=1 here with the same cache (HF_HUB_CACHE); or name a mirror by HF_ENDPOINT. ({error})"
        ) from None
    write_json(folder / SOURCE, {"repository": repository, "commit": commit})


def read(name: str | None, folder: Path, is_pair: bool) -> Encoder:
    """What the files of an encoder say.

    Raises:
        UserError: a file is missing or damaged, the model is no BERT, or it cannot read pairs where rows are such.
    """
    file = folder / "config.json"
    if not file.is_file():
        raise UserError(f"{name}: no config.json there: an encoder is config.json, its weights and its vocabulary")
    config = read_encoder_config(file)
    shape = ArchitectureSpec(
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        heads=config.num_attention_heads,
        feed_forward=config.intermediate_size,
    )
    check_encoder(folder, shape)
    if is_pair:
        check_pairs(config, file)
    form = read_tokenizer_form(folder)
    longest = min(config.max_position_embeddings, form.settings.max_length or _LONGEST, _LONGEST)
    return Encoder(name or DEFAULT, folder, shape, config.vocab_size, form.settings.lowercase, longest)


def lengths_in_tokens(encoder: Encoder, rows: Rows) -> np.ndarray:
    """Tokens of rows at most ``encoder.longest``, of a sample of the rows."""
    chosen = rows.take(np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.int64))
    first, *second = (texts.to_pylist() for texts in chosen.texts)
    tokenizer = build_form(read_tokenizer_form(encoder.folder))
    return np.array([len(ids) for ids, _ in encode(tokenizer, first, second[0] if second else None, encoder.longest)])


def row_length(encoder: Encoder, lengths: np.ndarray) -> int:
    """Tokens to which rows are cut: 99 % of them are shorter."""
    wanted = -(-int(np.quantile(lengths, _COVERED)) // _POSITIONS) * _POSITIONS
    return max(min(wanted, encoder.longest // _POSITIONS * _POSITIONS), min(_SHORTEST, encoder.longest))
