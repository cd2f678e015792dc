"""tokenizer_config.json and the older files beside it: what transformers is told of a BERT's tokenizer."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.data.tokenizer.form import AddedToken, SpecialTokens
from multipress.data.tokenizer.json_file import added_token, read_object

BERT_CLASSES = ("BertTokenizer", "BertTokenizerFast")
_CLASSES = (*BERT_CLASSES, "PreTrainedTokenizerFast", "TokenizersBackend", None)

_FIXED: dict[str, tuple[Any, ...]] = {
    "truncation_side": ("right", None),
    "padding_side": ("right", None),
    "do_basic_tokenize": (True, None),
    "wordpieces_prefix": ("##", None),
    "split_special_tokens": (False, None),
    "add_prefix_space": (False, None),
    "add_bos_token": (False, None),
    "add_eos_token": (False, None),
    "auto_map": (None,),
    "never_split": (None, []),
    "clean_text": (True, None),
}
"""Keys that change ids, and the values that are a BERT's."""

_CHOICES: dict[str, tuple[Any, ...]] = {
    "do_lower_case": (True, False),
    "strip_accents": (True, False, None),
    "tokenize_chinese_chars": (True, False),
}
"""Keys that are honoured, and what they may be."""

_WITHOUT_EFFECT = {
    *("backend", "chat_template", "clean_up_tokenization_spaces", "is_local", "local_files_only", "max_length"),
    *("model_input_names", "model_type", "name_or_path", "pad_to_multiple_of", "pad_token_type_id", "processor_class"),
    *("return_token_type_ids", "special_tokens_map_file", "stride", "tokenizer_file", "transformers_version"),
    *("truncation_strategy", "use_fast", "vocab_file", "errors", "full_tokenizer_file", "init_inputs"),
}
"""Keys that no id depends on, of texts that are cut and padded here."""

_FURTHER = ("additional_special_tokens", "extra_special_tokens", "model_specific_special_tokens")
_ELSEWHERE = ("tokenizer_class", "model_max_length", "added_tokens_decoder", *_FURTHER)


@dataclass(frozen=True)
class ConfigFiles:
    """What the files say; nothing of what they do not mention."""

    path: Path
    """Named in errors."""
    bert: bool = False
    """Whether transformers makes a BERT's tokenizer of it, and takes a BERT's defaults for what is not said."""
    said: dict[str, bool | None] = field(default_factory=dict)
    """do_lower_case, strip_accents and tokenize_chinese_chars."""
    special: dict[str, str] = field(default_factory=dict)
    """Names of special tokens by their keys."""
    added: dict[int, AddedToken] = field(default_factory=dict)
    """By their ids."""
    marked: tuple[AddedToken, ...] = ()
    """Further ones that are looked for in texts, where the vocabulary has them."""
    max_length: int | None = None
    unknown: list[str] = field(default_factory=list)
    """Keys of tokenizer_config.json that are not known, and not read."""


def read_config_files(folder: Path) -> ConfigFiles:
    """Read tokenizer_config.json, special_tokens_map.json and added_tokens.json, those that are there.

    Raises:
        UserError: one is damaged, or has a key whose value cannot be honoured.
    """
    path = folder / "tokenizer_config.json"
    config = _read(path)
    is_bert = config.get("tokenizer_class") in (*BERT_CLASSES, None) if path.is_file() else _is_berts(folder)
    _check(path, config)
    older = _read(folder / "special_tokens_map.json")
    named = _named(path, config, older)
    special = {key: token.content for key, token in named.items() if key in SpecialTokens().named()}
    marked = (*named.values(), *_further(path, older), *_further(path, config))
    added = _added(path, config, folder / "added_tokens.json", {token.content for token in marked})
    return ConfigFiles(
        path,
        is_bert,
        {key: config[key] for key in _CHOICES if key in config},
        special,
        added,
        marked,
        _max_length(path, config),
        _unknown(config),
    )


def _read(path: Path) -> dict[str, Any]:
    return read_object(path) if path.is_file() else {}


def _is_berts(folder: Path) -> bool:
    """Whether transformers knows from a model's config.json that the tokenizer is a BERT's."""
    return (folder / "config.json").is_file()


def _check(path: Path, config: dict[str, Any]) -> None:
    kind = config.get("tokenizer_class")
    if kind not in _CLASSES:
        raise UserError(f"{path}: tokenizer_class is {kind!r}: only a BERT's, BertTokenizer, can be computed")
    for key, allowed in {**_FIXED, **_CHOICES}.items():
        if key in config and not any(type(config[key]) is type(value) and config[key] == value for value in allowed):
            shown = " or ".join("null" if value is None else _json(value) for value in allowed)
            raise UserError(f"{path}: {key} is {_json(config[key])}: only {shown} can be computed")


def _unknown(config: dict[str, Any]) -> list[str]:
    known = {*_FIXED, *_CHOICES, *_WITHOUT_EFFECT, *_ELSEWHERE}
    return sorted(key for key in config if key not in known and not key.endswith("_token"))


def _json(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)


def _named(path: Path, config: dict[str, Any], older: dict[str, Any]) -> dict[str, AddedToken]:
    """Special tokens by their keys, such as cls_token."""
    found: dict[str, AddedToken] = {}
    for values in (older, config):
        for key, value in values.items():
            if not key.endswith("_token") or value is None or isinstance(value, bool):
                continue
            token = _token(path, key, value)
            if key in found and found[key].content != token.content:
                raise UserError(
                    f"{path}: {key} is {token.content!r}, but {found[key].content!r} in special_tokens_map.json: "
                    "make them agree"
                )
            found.setdefault(key, token)
    for key in SpecialTokens().named():
        if key in config and config[key] is None:
            raise UserError(f"{path}: {key} is null: a BERT's tokenizer has one; name it")
    return found


def _token(path: Path, key: str, value: Any) -> AddedToken:
    if isinstance(value, str):
        return AddedToken(value)
    if isinstance(value, dict) and isinstance(value.get("content"), str):
        return added_token(value | {"special": True})
    raise UserError(f"{path}: {key} is {value!r}: give the token's text")


def _further(path: Path, config: dict[str, Any]) -> list[AddedToken]:
    """Special tokens that have no part in a row."""
    found: list[AddedToken] = []
    for key in _FURTHER:
        values = config.get(key) or []
        found += [_token(path, key, value) for value in (values.values() if isinstance(values, dict) else values)]
    return found


def _added(path: Path, config: dict[str, Any], older: Path, special: set[str]) -> dict[int, AddedToken]:
    try:
        decoder = config.get("added_tokens_decoder")
        if decoder is not None:
            return {int(number): added_token(entry) for number, entry in decoder.items()}
        return {
            int(number): AddedToken(content, normalized=content not in special, special=content in special)
            for content, number in _read(older).items()
        }
    except (AttributeError, TypeError, ValueError):
        where = f"{path}: added_tokens_decoder" if "added_tokens_decoder" in config else str(older)
        raise UserError(f"{where} does not say which id has which token: fetch or make it again") from None


def _max_length(path: Path, config: dict[str, Any]) -> int | None:
    found = config.get("model_max_length")
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or found < 1:
        raise UserError(f"{path}: model_max_length is {found!r}: give a number of tokens")
    return int(found)
