"""What the ids of a BERT's tokenizer depend on."""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class AddedToken:
    """A token that is looked for in the text before anything else is done with it."""

    content: str
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool = False
    special: bool = True

    def flags(self) -> dict[str, bool]:
        """All but the content."""
        return {field.name: getattr(self, field.name) for field in fields(self)[1:]}


@dataclass(frozen=True)
class SpecialTokens:
    """The names of BERT's five special tokens."""

    pad: str = "[PAD]"
    unk: str = "[UNK]"
    cls: str = "[CLS]"
    sep: str = "[SEP]"
    mask: str = "[MASK]"

    def named(self) -> dict[str, str]:
        """The names by the keys that they have in tokenizer_config.json."""
        return {f"{field.name}_token": getattr(self, field.name) for field in fields(self)}

    def __iter__(self) -> Any:
        """The five names."""
        return iter(self.named().values())


@dataclass(frozen=True)
class TokenizerSettings:
    """What a BERT's tokenizer does, beside its vocabulary."""

    lowercase: bool
    strip_accents: bool | None = None
    """None: with the lowercasing, as in the original BERT."""
    chinese: bool = True
    """Whether each Chinese character is a word."""
    special: SpecialTokens = SpecialTokens()
    added: tuple[AddedToken, ...] = ()
    """Further ones, and special ones with flags of their own. What the vocabulary lacks follows it, in this order."""
    max_length: int | None = None
    """The most tokens of a row that the tokenizer is meant for; None: nothing is said."""


@dataclass(frozen=True)
class TokenizerForm:
    """A BERT's tokenizer."""

    vocabulary: list[str]
    """WordPiece's tokens, in the order of their ids."""
    settings: TokenizerSettings
    unknown: tuple[str, ...] = ()
    """Keys of its tokenizer_config.json that are not known, and so not read."""

    @property
    def size(self) -> int:
        """All ids: those of added tokens, too."""
        return len(self.vocabulary) + len(beyond(self.vocabulary, self.settings.added))


def beyond(vocabulary: list[str], added: tuple[AddedToken, ...]) -> list[AddedToken]:
    """The added tokens that a vocabulary lacks."""
    known = set(vocabulary)
    return [token for token in added if token.content not in known]
