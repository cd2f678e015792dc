"""Tokenization."""

from pydantic import Field

from multipress.core.settings import Section


class TokenizeSettings(Section):
    """How a row becomes token ids."""

    max_length: int = Field(128, ge=8, le=512, description="Longest sequence in tokens, [CLS] and [SEP] included.")
