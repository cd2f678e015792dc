"""The one reader of tokenizers from elsewhere: all files of a folder together, held against each other.

It needs no more than JSON, so that a plan can be refused by it.
"""

from dataclasses import dataclass
from pathlib import Path

from multipress.core.errors import UserError
from multipress.data.tokenizer.config_file import ConfigFiles, read_config_files
from multipress.data.tokenizer.form import AddedToken, SpecialTokens, TokenizerForm, TokenizerSettings, beyond
from multipress.data.tokenizer.json_file import JsonFile, read_json_file
from multipress.data.tokenizer.vocab_file import read_vocabulary

_UNREACHED = 0.05
"""Share of tokens with capital letters from which on a vocabulary is none of lowercased text."""

_DEFAULTS: dict[str, bool | None] = {"do_lower_case": True, "strip_accents": None, "tokenize_chinese_chars": True}
"""What BERT's tokenizer does where nothing is said."""

_IN_JSON = {
    "do_lower_case": "lowercase",
    "strip_accents": "strip_accents",
    "tokenize_chinese_chars": "handle_chinese_chars",
}
"""Names of the same settings in tokenizer.json's normalizer."""


def read_tokenizer_form(place: str | Path, lowercase: bool | None = None) -> TokenizerForm:
    """The tokenizer of a folder from elsewhere: vocab.txt, tokenizer.json or both, and tokenizer_config.json or none.

    Args:
        place: the folder, its tokenizer.json, or a file like tokenizer.json under another name, which is read alone.
        lowercase: ``tokenizer.lowercase`` of the configuration, which must agree with what the files say; None: as
            they say, and as BERT does where they say nothing.

    Raises:
        UserError: a file is missing, damaged, disagrees with another one, or says what cannot be computed.
    """
    parts = _parts(Path(place))
    vocabulary = (parts.words or []) if parts.json is None else parts.json.vocabulary
    added, said = parts.added(vocabulary), parts.choices()
    if parts.json is not None and parts.words is not None:
        _compare(parts.folder, parts.words, vocabulary, beyond(vocabulary, added))
    settings = TokenizerSettings(
        lowercase=_lowercase(parts, vocabulary, said["do_lower_case"], lowercase),
        strip_accents=said["strip_accents"],
        chinese=said["tokenize_chinese_chars"] is not False,
        special=parts.special(vocabulary),
        added=added,
        max_length=parts.config.max_length,
    )
    return TokenizerForm(vocabulary, settings, tuple(parts.config.unknown))


def _parts(place: Path) -> "_Parts":
    """Read what is there of a folder's files, or a file alone."""
    is_alone = place.is_file() and place.name != "tokenizer.json"
    folder = place.parent if place.is_file() else place
    path = place if is_alone else folder / "tokenizer.json"
    words = folder / "vocab.txt"
    parts = _Parts(
        folder,
        path,
        ConfigFiles(folder) if is_alone else read_config_files(folder),
        read_json_file(path) if path.is_file() else None,
        read_vocabulary(words) if words.is_file() and not is_alone else None,
    )
    if parts.json is None and parts.words is None:
        raise UserError(f"{folder} has neither vocab.txt nor tokenizer.json: name a folder with a BERT's tokenizer")
    return parts


@dataclass(frozen=True)
class _Parts:
    """What the files of a folder say, one by one."""

    folder: Path
    json_path: Path
    config: ConfigFiles
    json: JsonFile | None
    words: list[str] | None
    """Of vocab.txt."""

    def choices(self) -> dict[str, bool | None]:
        """do_lower_case, strip_accents and tokenize_chinese_chars; what no file mentions is None."""
        if self.json is None:
            return {key: self.config.said.get(key) for key in _DEFAULTS}
        found = {
            "do_lower_case": self.json.lowercase,
            "strip_accents": self.json.strip_accents,
            "tokenize_chinese_chars": self.json.chinese,
        }
        for key, value in found.items():
            if key not in self.config.said and not self.config.bert:
                continue
            other = self.config.said.get(key, _DEFAULTS[key])
            if other is not value:
                told = "has" if key in self.config.said else "does not mention it, so that transformers takes"
                raise UserError(
                    f"{self.json_path} has normalizer.{_IN_JSON[key]} {_shown(value)}, but {self.config.path.name} "
                    f"{told} {key} {_shown(other)}: make them agree, as the model was trained"
                )
        return found

    def special(self, vocabulary: list[str]) -> SpecialTokens:
        """The names of the five special tokens."""
        names = SpecialTokens().named()
        if self.json is not None:
            names |= self.json.special
        for key, name in self.config.special.items():
            if self.json is not None and self.json.special.get(key, name) != name:
                raise UserError(
                    f"{self.json_path} has {self.json.special[key]!r} for {key}, but {self.config.path.name} has "
                    f"{name!r}: make them agree"
                )
            names[key] = name
        known = set(vocabulary)
        for key, name in names.items():
            if name not in known:
                raise UserError(
                    f"{self.folder}: the vocabulary has no {name}: use that of a BERT, or name its {key} in "
                    "tokenizer_config.json"
                )
        return SpecialTokens(**{key.removesuffix("_token"): name for key, name in names.items()})

    def added(self, vocabulary: list[str]) -> tuple[AddedToken, ...]:
        """Added tokens in the order of their ids, without special ones as a BERT has them anyway."""
        found = {} if self.json is None else dict(self.json.added)
        for number, token in self.config.added.items():
            if found.setdefault(number, token) != token:
                raise UserError(
                    f"{self.json_path} and {self.config.path.name} disagree on the added token {number}: "
                    f"{_difference(found[number], token)}; make them agree"
                )
        ids = {token: number for number, token in enumerate(vocabulary)}
        for number, token in sorted(found.items()):
            expected = ids.setdefault(token.content, len(ids))
            if number != expected:
                raise UserError(
                    f"{self.folder}: the added token {token.content!r} has the id {number}, but {expected} is its "
                    f"place in (or after) the {len(vocabulary)} tokens of the vocabulary: make them agree"
                )
        names = {token.content for token in found.values()}
        for token in self.config.marked:
            if token.content not in ids:
                raise UserError(
                    f"{self.config.path}: the special token {token.content!r} is not in the vocabulary: add it there, "
                    "or remove it here"
                )
            if token.content not in names:
                found[ids[token.content]] = token
                names.add(token.content)
        special = SpecialTokens().named() | ({} if self.json is None else self.json.special) | self.config.special
        plain = {AddedToken(name) for name in special.values()}
        return tuple(token for _, token in sorted(found.items()) if token not in plain)


def _shown(value: bool | None) -> str:
    return "null" if value is None else str(value).lower()


def _difference(one: AddedToken, other: AddedToken) -> str:
    if one.content != other.content:
        return f"{one.content!r} and {other.content!r}"
    flags = other.flags()
    return ", ".join(
        f"{name} {_shown(flag)} and {_shown(flags[name])}" for name, flag in one.flags().items() if flag != flags[name]
    )


def _compare(folder: Path, words: list[str], vocabulary: list[str], further: list[AddedToken]) -> None:
    """Whether vocab.txt has the tokens of tokenizer.json, with or without those that were added to it.

    Raises:
        UserError: no.
    """
    tokens = [*vocabulary, *(token.content for token in further)]
    if words in (tokens, vocabulary):
        return
    number = next((n for n, (a, b) in enumerate(zip(words, tokens, strict=False)) if a != b), None)
    if number is None:
        found = f"{len(words)} and {len(tokens)} tokens"
    else:
        found = f"line {number + 1} is {words[number]!r}, and the token {number} is {tokens[number]!r}"
    raise UserError(
        f"{folder}: vocab.txt and tokenizer.json disagree ({found}): remove the one that is not the model's"
    )


def _lowercase(parts: _Parts, vocabulary: list[str], said: bool | None, asked: bool | None) -> bool:
    """Whether texts are lowercased: the files' word, else the configuration's, else as BERT does.

    Raises:
        UserError: two of them disagree, or nothing is said and the vocabulary contradicts.
    """
    if said is not None and asked is not None and said != asked:
        where = parts.config.path if "do_lower_case" in parts.config.said else parts.json_path
        raise UserError(
            f"tokenizer.lowercase is {_shown(asked)}, but {where} lowercases {'texts' if said else 'nothing'}: set "
            f"tokenizer.lowercase to {_shown(said)}"
        )
    value = next(word for word in (said, asked, True) if word is not None)
    if said is None:
        _check_plausible(parts.folder, vocabulary, value, asked is not None)
    return value


def _check_plausible(folder: Path, vocabulary: list[str], lowercase: bool, is_asked: bool) -> None:
    names = set(SpecialTokens())
    capitals = sum(token != token.lower() for token in vocabulary if token not in names)
    remedy = f"tokenizer.lowercase to {_shown(not lowercase)}" if is_asked else "do_lower_case in tokenizer_config.json"
    if lowercase and capitals > _UNREACHED * len(vocabulary):
        raise UserError(
            f"{folder}: {capitals} of the {len(vocabulary)} tokens of the vocabulary have capital letters, which no "
            f"lowercased text has: set {remedy}"
        )
    if not lowercase and not capitals:
        raise UserError(
            f"{folder}: no token of the vocabulary has a capital letter, and texts that are not lowercased do: set "
            f"{remedy}"
        )
