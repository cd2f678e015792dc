"""The output of a command: standard output, or a file that appears when it is complete."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from multipress.core.errors import UserError
from multipress.core.files import replacing

Write = Callable[[str], None]


@contextmanager
def opened(path: Path | None) -> Iterator[Write]:
    """A function that writes text, UTF-8, at once; None: to standard output.

    Raises:
        UserError: it cannot be written.
    """
    if path is None:
        yield _print
        return
    if path.exists() and not path.is_file():
        raise UserError(f"cannot write {path}: it is no regular file; leave --output out and redirect")
    with replacing(path.resolve()) as temporary, temporary.open("wb", buffering=0) as file:
        yield lambda text: _write(file.fileno(), text)


def _print(text: str) -> None:
    """Write to standard output; where nobody reads it any more, end silently, as other programs do."""
    try:
        _write(1, text)
    except BrokenPipeError:
        sys.exit(128 + signal.SIGPIPE)
    except OSError as error:
        raise UserError(f"cannot write to standard output: {error.strerror}; check free space") from None


def _write(descriptor: int, text: str) -> None:
    left = memoryview(text.encode("utf-8"))
    while left:
        left = left[os.write(descriptor, left) :]
