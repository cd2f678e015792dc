"""tokenizer.json: what the library's file says of a BERT's tokenizer; all that is no BERT's is refused by its name."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.data.tokenizer.form import AddedToken

_PREFIX, _LONGEST_WORD = "##", 100


@dataclass(frozen=True)
class JsonFile:
    """The contents of a tokenizer.json."""

    vocabulary: list[str]
    """WordPiece's tokens, in the order of their ids."""
    lowercase: bool
    strip_accents: bool | None
    chinese: bool
    special: dict[str, str]
    """Names of special tokens that the file uses, by their keys in tokenizer_config.json."""
    added: dict[int, AddedToken]
    """By their ids."""


def read_json_file(path: Path) -> JsonFile:
    """Read a tokenizer.json. How it cuts and pads is not read: rows are cut and padded here.

    Raises:
        UserError: it is missing, damaged, or not the tokenizer of a BERT; the message names what is not.
    """
    values = read_object(path)
    if not isinstance(values.get("model"), dict):
        raise UserError(f"{path} is no tokenizer (it has no model): fetch or make it again")
    try:
        vocabulary = _vocabulary(path, values["model"])
        cls, sep = _specials(path, values.get("post_processor"), vocabulary)
        _check_steps(path, values)
        normalizer = values["normalizer"]
        return JsonFile(
            vocabulary,
            lowercase=normalizer.get("lowercase", True),
            strip_accents=normalizer.get("strip_accents"),
            chinese=normalizer.get("handle_chinese_chars", True),
            special={"unk_token": values["model"].get("unk_token", "[UNK]"), "cls_token": cls, "sep_token": sep},
            added={entry["id"]: added_token(entry) for entry in values.get("added_tokens") or []},
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is no tokenizer ({type(error).__name__}: {reason}): fetch or make it again") from None


def read_object(path: Path) -> dict[str, Any]:
    """The keys and values of one of a tokenizer's files.

    Raises:
        UserError: it cannot be read, or is no JSON object.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): fetch or make it again") from None
    except ValueError as error:
        raise UserError(f"{path} is no tokenizer's file, for it is no JSON ({error}): fetch or make it again") from None
    if not isinstance(values, dict):
        raise UserError(f"{path} is no tokenizer's file, for it has no keys: fetch or make it again")
    return values


def added_token(entry: dict[str, Any]) -> AddedToken:
    """An added token as files describe it: its content and flags, and things that do not matter here."""
    names = AddedToken.__dataclass_fields__
    return AddedToken(**{name: value for name, value in entry.items() if name in names})


def _vocabulary(path: Path, model: dict[str, Any]) -> list[str]:
    """The tokens in the order of their ids."""
    kind = model.get("type") or ("WordPiece" if "continuing_subword_prefix" in model else "of an unknown kind")
    if kind != "WordPiece":
        raise UserError(f"{path}: its model is {kind}, and a BERT's is WordPiece: name the folder of a BERT")
    for name, wanted in (("continuing_subword_prefix", _PREFIX), ("max_input_chars_per_word", _LONGEST_WORD)):
        if (found := model.get(name, wanted)) != wanted:
            raise UserError(f"{path}: model.{name} is {found!r}: only a BERT's {wanted!r} can be computed")
    ids: dict[str, int] = model["vocab"]
    tokens = sorted(ids, key=ids.__getitem__)
    wrong = next((n for n, token in enumerate(tokens) if ids[token] != n), None)
    if wrong is not None:
        found = ids[tokens[wrong]]
        fault = f"no token has the id {wrong}" if found > wrong else f"two tokens have the id {found}"
        raise UserError(f"{path}: the ids of its {len(tokens)} tokens are not consecutive, {fault}: use a BERT's")
    return tokens


def _check_steps(path: Path, values: dict[str, Any]) -> None:
    """Whether texts are normalized, split, cut and padded as a BERT's are."""
    for part, wanted in (("normalizer", "BertNormalizer"), ("pre_tokenizer", "BertPreTokenizer")):
        if (found := _kind(values.get(part))) != wanted:
            raise UserError(f"{path}: its {part} is {found}: only a BERT's, {wanted}, can be computed")
    if values["normalizer"].get("clean_text", True) is not True:
        raise UserError(f"{path}: normalizer.clean_text is false: only a BERT's true can be computed")
    for part in ("truncation", "padding"):
        if ((values.get(part) or {}).get("direction", "Right")) != "Right":
            raise UserError(f"{path}: {part}.direction is Left: rows are cut and padded at the right; set it to Right")


def _kind(part: dict[str, Any] | None) -> str:
    if part is None:
        return "none"
    below = part.get("normalizers") or part.get("pretokenizers") or part.get("processors") or []
    return f"{part['type']} of {', '.join(map(_kind, below))}" if below else str(part["type"])


def _specials(path: Path, processor: dict[str, Any] | None, vocabulary: list[str]) -> tuple[str, str]:
    """The tokens that begin a row and end its texts."""
    kind = _kind(processor)
    if processor and kind == "BertProcessing":
        (cls, cls_id), (sep, sep_id) = processor["cls"], processor["sep"]
        ids = {cls: cls_id, sep: sep_id}
    elif processor and kind == "TemplateProcessing":
        cls, sep, ids = _of_template(path, processor)
    else:
        raise UserError(f"{path}: its post_processor is {kind}: only a BERT's, [CLS] A [SEP] B [SEP], can be computed")
    for token, number in ids.items():
        if not 0 <= number < len(vocabulary) or vocabulary[number] != token:
            raise UserError(
                f"{path}: post_processor gives {token!r} the id {number}, which is not that of its vocabulary"
            )
    return cls, sep


def _of_template(path: Path, processor: dict[str, Any]) -> tuple[str, str, dict[str, int]]:
    def shown(pieces: list[dict[str, Any]]) -> str:
        parts = (next(iter(piece.values())) for piece in pieces)
        return " ".join(f"{part['id']}:{part['type_id']}" for part in parts)

    cls, sep = (processor["single"][n].get("SpecialToken", {}).get("id", "?") for n in (0, -1))
    single, pair = f"{cls}:0 A:0 {sep}:0", f"{cls}:0 A:0 {sep}:0 B:1 {sep}:1"
    for name, wanted in (("single", single), ("pair", pair)):
        if (found := shown(processor[name])) != wanted:
            raise UserError(f"{path}: post_processor.{name} is {found}: only a BERT's, {wanted}, can be computed")
    ids = {}
    for token in (cls, sep):
        entry = processor["special_tokens"][token]
        if len(entry["ids"]) != 1:
            raise UserError(f"{path}: post_processor makes {len(entry['ids'])} tokens of {token!r}: only one can be")
        ids[token] = entry["ids"][0]
    return cls, sep, ids
