"""Text of a source file, and places in it as an editor counts them: lines and characters from 1."""

import io
import re
from pathlib import Path

from multipress.core.errors import UserError

_LINE_END = re.compile("\r\n|\r|\n")


def read_lines(path: Path) -> io.StringIO:
    """The text of a file; its lines end where the file's format says, not at Unicode separators.

    Raises:
        UserError: the file cannot be read, is not UTF-8, or holds a NUL character.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; check its permissions") from None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        raise UserError(
            f"{path}, {place_in(before, len(before))}: not UTF-8 ({error.reason}); convert the file to UTF-8"
        ) from None
    if (position := text.find("\0")) >= 0:
        raise UserError(
            f"{path}, {place_in(text, position)}: a NUL character, as in UTF-16 or a damaged file; "
            "convert the file to UTF-8, or remove it"
        )
    return io.StringIO(text, newline="")


def place_in(text: str, position: int, first_line: int = 1) -> str:
    """The place of the character at a position of a text that begins with ``first_line``."""
    ends = [match.end() for match in _LINE_END.finditer(text, 0, position)]
    return f"line {first_line + len(ends)}, column {position - (ends[-1] if ends else 0) + 1}"
