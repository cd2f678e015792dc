"""The shape of an architecture."""

from pydantic import Field, model_validator

from multipress.core.settings import Section

MOST_LAYERS = 96
"""That a BERT may have."""

MOST_HIDDEN = 8192
"""Hidden size that a BERT may have."""


class ArchitectureSpec(Section):
    """The shape of a BERT."""

    layers: int = Field(ge=1, le=MOST_LAYERS, description="Transformer layers.")
    hidden: int = Field(ge=8, le=MOST_HIDDEN, description="Hidden size.")
    heads: int = Field(ge=1, le=128, description="Attention heads.")
    feed_forward: int = Field(ge=8, le=65536, description="Inner size of the feed-forward blocks.")

    @model_validator(mode="after")
    def _divisible(self) -> "ArchitectureSpec":
        if self.hidden % self.heads:
            raise ValueError(f"hidden {self.hidden} is not a multiple of heads {self.heads}")
        return self
