"""The vocabulary."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section, UserPath


class TokenizerSettings(Section):
    """The WordPiece vocabulary shared by all architectures."""

    source: Literal["hub", "folder", "train"] = Field(
        "hub", description="From the hub, from a folder, or trained on the corpus."
    )
    repository: str = Field(
        "google-bert/bert-base-uncased", description="Hub repository with vocab.txt or tokenizer.json."
    )
    revision: str = Field(
        "86b5e0934494bd15c9632b12f734a8a67f723594", pattern="^[0-9a-f]{40}$", description="Commit of the repository."
    )
    folder: UserPath | None = Field(None, description="Folder with vocab.txt or tokenizer.json, for source: folder.")
    vocabulary: int = Field(30522, ge=100, le=1_000_000, description="Entries of a trained vocabulary.")
    lowercase: bool = Field(
        True,
        description="Lowercase and strip accents, as uncased BERTs do; a tokenizer that says otherwise is refused.",
    )
