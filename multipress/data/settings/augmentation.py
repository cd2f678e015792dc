"""Augmentation."""

from typing import Literal

from pydantic import Field, model_validator

from multipress.core.settings import Section, Seed


class AugmentSettings(Section):
    """Synonym replacement, nlpaug's SynonymAug."""

    copies: int = Field(1, ge=0, le=64, description="Augmented copies of each training row.")
    lexicon: Literal["wordnet", "builtin"] = Field("wordnet", description="Source of synonyms.")
    fraction: float = Field(0.3, gt=0, le=1, description="Share of a text's words to replace.")
    min_words: int = Field(1, ge=0, le=1000, description="Minimum of words to replace, where synonyms exist.")
    max_words: int = Field(10, ge=1, le=1000, description="Maximum of words to replace.")
    stop_words: Literal["none", "english"] | tuple[str, ...] = Field(
        "english",
        description="Words that stay: none, english (pronouns, auxiliaries and other function words, and names), or a "
        "list.",
    )
    seed: Seed = Field(0, description="Seed; each example derives its own from it.")

    @model_validator(mode="after")
    def _ordered(self) -> "AugmentSettings":
        if self.min_words > self.max_words:
            raise ValueError(f"min_words {self.min_words} must not be above max_words {self.max_words}")
        return self
