"""Text for the tokenizer's vocabulary and for pre-training."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import zstandard

from multipress.core.errors import UserError

_CHUNK = 1 << 20  # bytes to read at a time


def lines(corpus: Sequence[str | Path]) -> Iterator[str]:
    """The corpus's lines without blank ones, stripped, in order.

    Args:
        corpus: text files, plain or compressed (.zst), one sentence or paragraph a line.

    Raises:
        UserError: a file is missing, damaged or not UTF-8, or holds only blank lines.
    """
    for path in map(Path, corpus):
        blank = True
        for line in _read(path):
            if text := line.strip():
                blank = False
                yield text
        if blank:
            raise UserError(f"corpus file {path} holds no text; remove it from the corpus or replace it")


def _read(path: Path) -> Iterator[str]:
    number = 0
    try:
        with path.open("rb") as file:
            chunks = iter(partial(file.read, _CHUNK), b"")
            for line in _split(_decompress(chunks) if path.suffix == ".zst" else chunks):
                number += 1
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except OSError as error:
        raise UserError(f"cannot read corpus file {path}: {error.strerror}; check the corpus setting") from None
    except zstandard.ZstdError as error:
        raise UserError(
            f"corpus file {path} is no intact Zstandard file ({error}); compress or fetch it again"
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"corpus file {path}, line {number}: not UTF-8 ({error.reason}); convert the file to UTF-8"
        ) from None


def _decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress one frame after another; unlike the library's reader, refuse a frame that breaks off."""
    frame = None
    for chunk in chunks:
        while chunk:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(chunk)
            chunk = frame.unused_data
            frame = None if frame.eof else frame
    if frame is not None:
        raise zstandard.ZstdError("it ends in the middle")


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    yield rest
