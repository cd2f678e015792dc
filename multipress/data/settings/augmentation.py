"""Augmentation."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class AugmentSettings(Section):
    """Synonym replacement, nlpaug's SynonymAug."""

    copies: int = Field(1, ge=0, le=64, description="Augmented copies of each training row.")
    lexicon: Literal["wordnet", "builtin"] = Field("wordnet", description="Source of synonyms.")
    fraction: float = Field(0.3, gt=0, le=1, description="Share of a text's words to replace.")
    min_words: int = Field(1, ge=0, description="Minimum of words to replace, where synonyms exist.")
    max_words: int = Field(10, ge=1, description="Maximum of words to replace.")
    seed: int = Field(0, ge=0, description="Seed; each example derives its own from it.")
