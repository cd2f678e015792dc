"""vocab.txt: one token a line, in the order of the ids."""

from pathlib import Path

from multipress.core.errors import UserError


def read_vocabulary(path: str | Path) -> list[str]:
    """The tokens of a vocab.txt, one a line, in the order of their ids.

    Raises:
        UserError: the file is missing, not UTF-8, or holds a token twice or an empty line.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; name a folder with the vocab.txt of a BERT") from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not UTF-8 ({error.reason} at byte {error.start}); convert or fetch it again"
        ) from None
    if text.startswith("\ufeff"):
        raise UserError(f"{path} begins with a byte order mark, which is no part of a token: save it as UTF-8 without")
    # Not splitlines: vocabularies hold Unicode separators as tokens.
    tokens = [token.removesuffix("\r") for token in text.removesuffix("\n").split("\n")]
    first_line: dict[str, int] = {}
    for line, token in enumerate(tokens, start=1):
        if not token:
            raise UserError(f"{path}, line {line} is empty: each line holds one token, in the order of the ids")
        if first_line.setdefault(token, line) != line:
            raise UserError(f"{path}, line {line}: token {token!r} is already on line {first_line[token]}; keep one")
    return tokens
