"""Texts from the lines of a file or pipe, in windows of those that are there: no text waits for a slow writer."""

import os
import select
from collections.abc import Callable, Iterator

from multipress.core.errors import UserError
from multipress.deployment.text_reader import Text

MAX_LINE_BYTES = 1 << 20
"""Maximum of bytes in a line."""

_CHUNK = 1 << 16
_PATIENCE = 1.0
"""Seconds of waiting for input in one call."""
_FULL = 1 << 18  # bytes: a window of long lines has fewer of them


def read_texts(
    descriptor: int, source: str, max_lines: int, fault: Callable[[Text], str | None]
) -> Iterator[list[Text]]:
    """The texts of each window; those before a bad line come before its error.

    Args:
        descriptor: descriptor of the open file.
        source: its name in errors.
        max_lines: lines of a window; the first ones are smaller, so that the first predictions come soon.
        fault: returns what is wrong with a text, or None.

    Raises:
        UserError: a line is empty, too long, not UTF-8 or not one or two texts, or cannot be read.
    """
    number = 0
    for lines in windows(descriptor, source, max_lines):
        texts: list[Text] = []
        for line in lines:
            number += 1
            try:
                texts.append(_parse(line, fault, is_first=number == 1))
            except UserError as error:
                yield texts
                raise UserError(f"{source}, line {number}: {error}") from None
        yield texts


def _parse(line: bytes, fault: Callable[[Text], str | None], is_first: bool) -> Text:
    """One text, or two with a tab between them."""
    if len(line) > MAX_LINE_BYTES:
        limit = MAX_LINE_BYTES >> 20
        raise UserError(f"longer than {limit} MiB: a line holds one text, or two with a tab between them")
    try:
        decoded = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"not UTF-8 ({error.reason} at byte {error.start + 1} of the line); convert the text") from None
    decoded = decoded.removesuffix("\r").removeprefix("\ufeff" if is_first else "")
    parts = tuple(decoded.split("\t"))
    if len(parts) > 2:
        raise UserError(f"{len(parts) - 1} tabs: a line holds one text, or two with a tab between them")
    text = parts if len(parts) == 2 else decoded
    if found := fault(text):
        raise UserError(found)
    return text


def windows(descriptor: int, source: str, max_lines: int) -> Iterator[list[bytes]]:
    """Lines without their ends, in order: 32 at first, then twice as many each time up to ``max_lines``.

    A window ends early where the next line is not there yet, or where its lines are long.

    Raises:
        UserError: the file cannot be read.
    """
    size, rest, waiting = min(32, max_lines), b"", []
    while chunk := _read(descriptor, source):
        *lines, rest = (rest + chunk).split(b"\n")
        waiting += lines
        is_due = sum(map(len, waiting)) >= _FULL or not _is_ready(descriptor)
        while len(waiting) >= size or (waiting and is_due):
            yield waiting[:size]
            waiting, size = waiting[size:], min(2 * size, max_lines)
        if len(rest) > MAX_LINE_BYTES:
            break
    yield [*waiting, *([rest] if rest else [])]


def _read(descriptor: int, source: str) -> bytes:
    try:
        while not select.select([descriptor], [], [], _PATIENCE)[0]:
            pass  # a signal that came just before is taken now
        return os.read(descriptor, _CHUNK)
    except OSError as error:
        raise UserError(f"{source} cannot be read ({error.strerror}): name a file of texts, one a line") from None


def _is_ready(descriptor: int) -> bool:
    """Whether the next bytes, or the end, can be read without waiting."""
    return bool(select.select([descriptor], [], [], 0)[0])
