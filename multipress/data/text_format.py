"""How text becomes a model's input, as packed and exported models record it."""

from pathlib import Path

from pydantic import Field

from multipress.core.errors import UserError
from multipress.core.files import sha256
from multipress.core.settings import Section


class TextFormat(Section):
    """The tokenizer, and the form of a task's rows."""

    tokenizer: str = Field(description="SHA-256 of tokenizer.json.")
    max_length: int = Field(description="Maximum of tokens in a row.")
    pair: bool = Field(description="Whether a row consists of two texts.")


def sha256_or_error(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        return sha256(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); rerun the rule that makes it") from None
