"""Arrays as streams of bytes that an entropy coder can shorten, and back: bit masks, byte planes, Zstandard."""

from itertools import product

import numpy as np
import zstandard

from multipress.core.errors import UserError

_MIN_ZEROS = 0.25
"""Share of zeros from which on a mask and the other entries take less room than all entries: Huffman codes have whole
bits, so that a value that makes up much of a stream is cheaper outside of it."""

TRITS = 5
"""Ternary entries in a byte: 3^5 = 243 of its 256 values."""

_POWERS = 3 ** np.arange(TRITS)[::-1]

ENTRIES_OF_BYTES = {
    1: np.array(list(product((-1, 1), repeat=8)), np.int8),
    2: np.array(list(product((-1, 0, 1), repeat=TRITS)), np.int8),
}
"""By bits, the entries that each byte stands for: eight binary ones, shape (256, 8), or five ternary ones, (243, 5)."""


def is_sparse(values: np.ndarray, bits: int) -> bool:
    """Whether an array is better kept as a mask and its non-zero entries; a byte of ternary ones knows their zeros."""
    return bits not in ENTRIES_OF_BYTES and bool(np.count_nonzero(values) < (1 - _MIN_ZEROS) * values.size)


def shared_bytes(entries: np.ndarray, bits: int) -> np.ndarray:
    """Binary or ternary entries, several to a byte along the last dimension, padded to whole bytes; uint8."""
    return np.packbits(entries > 0, axis=-1) if bits == 1 else _trit_bytes(entries)


def _trit_bytes(trits: np.ndarray) -> np.ndarray:
    columns = trits.shape[-1]
    digits = np.ones((*trits.shape[:-1], -(-columns // TRITS) * TRITS), np.uint8)
    digits[..., :columns] = trits + 1
    return (digits.reshape(*digits.shape[:-1], -1, TRITS) @ _POWERS).astype(np.uint8)


def mask_bytes(values: np.ndarray) -> bytes:
    """A bit for each entry, 1 where it is not zero, padded to whole bytes."""
    return np.packbits(values.ravel() != 0).tobytes()


def read_mask(stream: bytes, entries: int) -> np.ndarray:
    """The booleans of ``mask_bytes``, shape (entries,)."""
    return np.unpackbits(np.frombuffer(stream, np.uint8), count=entries).astype(bool)


def mask_length(entries: int) -> int:
    """Bytes of a mask."""
    return -(-entries // 8)


def value_bytes(values: np.ndarray, bits: int) -> bytes:
    """The entries, shape (n,), byte plane by byte plane; integers of up to 4 bits two to a byte, of 2 five, of 1 eight.

    Bytes of one significance resemble each other, as signs and exponents do.
    """
    if bits in ENTRIES_OF_BYTES:
        return shared_bytes(values, bits).tobytes()
    if bits <= 4:
        pairs = np.zeros(2 * value_length(values.size, bits), np.uint8)
        pairs[: values.size] = values.view(np.uint8) & 15
        return (pairs[::2] << 4 | pairs[1::2]).tobytes()
    return np.ascontiguousarray(values).view(np.uint8).reshape(-1, values.itemsize).T.tobytes()


def read_values(stream: bytes, entries: int, bits: int) -> np.ndarray:
    """The entries of ``value_bytes``: int8 for up to 8 bits, int16 for up to 16, float32 for 32."""
    raw = np.frombuffer(stream, np.uint8)
    if bits in ENTRIES_OF_BYTES:
        return ENTRIES_OF_BYTES[bits][raw].ravel()[:entries]
    if bits <= 4:
        nibbles = np.stack((raw >> 4, raw & 15), axis=-1).ravel()[:entries]
        return ((nibbles ^ 8).astype(np.int8) - 8).astype(np.int8)
    planes = raw.reshape(_kind(bits).itemsize, entries)
    return np.ascontiguousarray(planes.T).view(_kind(bits)).reshape(entries)


def value_length(entries: int, bits: int) -> int:
    """Bytes that ``entries`` values take."""
    if bits in ENTRIES_OF_BYTES:
        return -(-entries // ENTRIES_OF_BYTES[bits].shape[1])
    if bits <= 4:
        return -(-entries // 2)
    return entries * _kind(bits).itemsize


def _kind(bits: int) -> np.dtype:
    return np.dtype(np.int8 if bits <= 8 else np.int16 if bits <= 16 else np.float32)


def compress(stream: bytes) -> bytes:
    """A Zstandard frame with its Huffman codes and hardly any search for repetitions: weights do not repeat.

    Within 2 % of the entropy of single bytes where no byte is much more frequent than all others, 500 MB/s.
    """
    parameters = zstandard.ZstdCompressionParameters(
        strategy=zstandard.STRATEGY_FAST, min_match=7, hash_log=6, chain_log=6, window_log=17, search_log=1
    )
    return zstandard.ZstdCompressor(compression_params=parameters).compress(stream)


def decompress(frame: bytes, length: int) -> bytes:
    """The stream of a frame.

    Raises:
        UserError: the frame is damaged, or of another length.
    """
    try:
        stream = zstandard.ZstdDecompressor().decompress(frame, max_output_size=length)
    except zstandard.ZstdError as error:
        raise UserError(f"a compressed stream is damaged ({error})") from None
    if len(stream) != length:
        raise UserError(f"a compressed stream holds {len(stream)} bytes instead of {length}")
    return stream
