"""From texts to a model's rows: its tokenizer, the length to which rows are cut, and whether they are pairs."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from multipress.core.errors import UserError
from multipress.data import tokenization
from multipress.data.text_format import TextFormat, sha256_or_error
from multipress.data.tokenizer.folder import read_tokenizer_form
from multipress.data.tokens import Tokens
from multipress.deployment.model_files import LoadedModel

Text = str | tuple[str, str]

MAX_LENGTH = 128
"""Maximum of tokens in a row, where neither the model nor its user sets one."""

_MIN_LENGTH = 3  # [CLS] and a [SEP] after each text of a pair


class TextReader:
    """Turns texts into rows of token ids."""

    def __init__(self, tokenizer: Tokenizer, max_length: int, pair: bool | None) -> None:
        """Cut rows to ``max_length`` tokens; take pairs alone, single texts alone, or with None both."""
        tokenization.cut_rows(tokenizer, max_length)
        self._tokenizer, self._pair = tokenizer, pair
        self.max_length = max_length

    def fault(self, text: Text) -> str | None:
        """What is wrong with an input, and the remedy; None where it can be read."""
        parts = [text] if isinstance(text, str) else text
        if not _are_texts(parts):
            return "neither a text nor a pair of texts: give a string, or a tuple of two"
        if not all(part.strip() for part in parts):
            return "empty text: fill it in or leave the row out"
        if not all(_is_unicode(part) for part in parts):
            return "half a surrogate pair is no character: decode the text as UTF-16 first"
        if self._pair is not None and self._pair != (len(parts) == 2):
            return _other_form(self._pair)
        return None

    def read(self, texts: Sequence[Text]) -> tuple[Tokens, list[bool]]:
        """Rows of faultless texts, all labels 0; and for each row whether it was cut."""
        encodings = self._tokenizer.encode_batch_fast(
            [text if isinstance(text, str) else tuple(text) for text in texts]
        )
        return _rows(encodings), [bool(encoding.overflowing) for encoding in encodings]


def _are_texts(parts: object) -> bool:
    return isinstance(parts, list | tuple) and len(parts) in (1, 2) and all(isinstance(part, str) for part in parts)


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _other_form(pair: bool) -> str:
    if pair:
        return "one text, but the model reads pairs: add the second (in a line, after a tab)"
    return "two texts, but the model reads single ones: leave the second out"


def _rows(encodings: Sequence[Encoding]) -> Tokens:
    ids = [np.array(encoding.ids, np.int32) for encoding in encodings]
    return Tokens(
        ids=np.concatenate(ids),
        offsets=np.cumsum([0, *map(len, ids)], dtype=np.int64),
        first_lengths=np.array([tokenization.first_length(encoding) for encoding in encodings], np.int32),
        labels=np.zeros(len(ids)),
        idx=np.arange(len(ids)),
    )


def open_reader(model: LoadedModel, path: Path, tokenizer: Path | None, max_length: int | None) -> TextReader:
    """The reader of a model's texts.

    Args:
        model: what ``path`` holds.
        path: named in errors.
        tokenizer: tokenizer.json or its folder; None: beside the model.
        max_length: maximum of tokens in a row; None: that of the model's training, or ``MAX_LENGTH``.

    Raises:
        UserError: the tokenizer is missing, damaged or not the model's, or the model has no room for such rows.
    """
    place = _find(model, path, tokenizer)
    read, meant = _recorded(model.text, place, path) if model.text else _from_elsewhere(place)
    tokens, known = 1 + max(read.get_vocab().values(), default=-1), model.config.vocab_size
    if tokens > known:
        raise UserError(
            f"{place} has {tokens} tokens, but {path} knows {known}: "
            "name the tokenizer that the model was trained with (--tokenizer)"
        )
    limit = min(model.config.max_position_embeddings, meant or model.config.max_position_embeddings)
    return TextReader(read, _length(model, limit, max_length), _reads_pairs(model))


def _reads_pairs(model: LoadedModel) -> bool | None:
    """Whether rows are pairs of texts; None: both may be. A model with one type of segments reads no pairs."""
    if model.text:
        return model.text.pair
    return None if model.config.type_vocab_size > 1 else False


def _recorded(text: TextFormat, file: Path, path: Path) -> tuple[Tokenizer, None]:
    """The tokenizer whose digest is in a packed or exported model."""
    if (found := sha256_or_error(file)) != text.tokenizer:
        raise UserError(
            f"{file} is not the tokenizer of {path}, or was damaged: its SHA-256 is {found[:12]}…, not "
            f"{text.tokenizer[:12]}…; name the one that the model was trained with (--tokenizer)"
        )
    return tokenization.read_tokenizer(file), None


def _from_elsewhere(place: Path) -> tuple[Tokenizer, int | None]:
    """The tokenizer of a folder, whoever made it, and the most tokens of a row that it is meant for."""
    form = read_tokenizer_form(place)
    if form.unknown:
        print(f"{place}: tokenizer_config.json: not known and not read: {', '.join(form.unknown)}", file=sys.stderr)
    return tokenization.build_form(form), form.settings.max_length


def _find(model: LoadedModel, path: Path, tokenizer: Path | None) -> Path:
    """The tokenizer.json; the folder, where a model is one and does not record which tokenizer is its own."""
    place = model.folder if tokenizer is None else tokenizer
    file = place / "tokenizer.json" if place.is_dir() else place
    if file.is_file():
        return file
    if model.text is None and (place / "vocab.txt").is_file():
        return place
    others = "" if model.text else " or vocab.txt"
    if tokenizer is None:
        raise UserError(f"{path} has no tokenizer.json{others} beside it: name it, or its folder (--tokenizer)")
    raise UserError(
        f"tokenizer {file} is missing: name a tokenizer.json, or a folder that has one{others} (--tokenizer)"
    )


def _length(model: LoadedModel, limit: int, asked: int | None) -> int:
    if asked is None:
        return min(model.text.max_length if model.text else MAX_LENGTH, limit)
    if not _MIN_LENGTH <= asked <= limit:
        raise UserError(f"max-length {asked}: the model reads rows of {_MIN_LENGTH} to {limit} tokens")
    return asked
