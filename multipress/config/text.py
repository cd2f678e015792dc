"""Tokenizer and augmentation."""

from typing import Literal

from pydantic import Field

from multipress.config.base import Section


class TokenizerSettings(Section):
    """The WordPiece vocabulary shared by all architectures."""

    source: Literal["hub", "folder", "train"] = Field(
        "hub", description="From the hub, from a folder, or trained on the corpus."
    )
    repository: str = Field("google-bert/bert-base-uncased", description="Hub repository with vocab.txt.")
    revision: str = Field(
        "86b5e0934494bd15c9632b12f734a8a67f723594", pattern="^[0-9a-f]{40}$", description="Commit of the repository."
    )
    folder: str | None = Field(None, description="Folder with vocab.txt, for source: folder.")
    vocabulary: int = Field(30522, ge=100, description="Entries of a trained vocabulary.")
    lowercase: bool = Field(True, description="Lowercase and strip accents, as all uncased BERTs do.")


class TokenizeSettings(Section):
    """How a row becomes token ids."""

    max_length: int = Field(128, ge=8, le=512, description="Longest sequence in tokens, [CLS] and [SEP] included.")


class AugmentSettings(Section):
    """Synonym replacement, nlpaug's SynonymAug."""

    copies: int = Field(1, ge=0, le=64, description="Augmented copies of each training row.")
    lexicon: Literal["wordnet", "builtin"] = Field("wordnet", description="Source of synonyms.")
    fraction: float = Field(0.3, gt=0, le=1, description="Share of a text's words to replace.")
    min_words: int = Field(1, ge=0, description="Replace at least so many words, where synonyms exist.")
    max_words: int = Field(10, ge=1, description="Replace at most so many words.")
    seed: int = Field(0, ge=0, description="Seed; each example derives its own from it.")
