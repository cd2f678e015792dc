"""One file for a model of any recipe: as few bytes as rebuilding it bit for bit takes.

A safetensors file of six streams of bytes – masks, integers and floats, of the embeddings and of the rest – each a
Zstandard frame; its metadata says which tensors they hold in which order. The tokenizer stays outside, named by the
digest of its file: all models of a task share one.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from multipress.compression.steps_file import ModelSteps
from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.core.settings import Section
from multipress.core.validation import explain
from multipress.data.text_format import TextFormat
from multipress.deployment import byte_streams
from multipress.deployment.manifest import check_digest
from multipress.deployment.stored_tensors import FLOAT_BITS, StoredTensor, is_embedding
from multipress.model.bert import BertConfig

VERSION: Literal[2] = 2

_KEY = "multipress"
"""Of the metadata: a checksum, a space, the header. One key alone, for safetensors writes several in random order."""

_EMBEDDINGS, _REST = "embeddings", "rest"


class TensorEntry(Section):
    """A tensor of a packed file."""

    name: str
    shape: list[int]
    bits: int
    nonzero: int | None
    """How many entries are stored, where a mask tells which; None: all."""

    @property
    def entries(self) -> int:
        """All entries."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def stored(self) -> int:
        """Entries in the stream of values."""
        return self.entries if self.nonzero is None else self.nonzero

    @property
    def stream_of_mask(self) -> str:
        """Where its mask is."""
        return f"{self._group}.masks"

    @property
    def stream_of_values(self) -> str:
        """Where its values are."""
        return f"{self._group}.floats" if self.bits == FLOAT_BITS else f"{self._group}.integers"

    @property
    def _group(self) -> str:
        return _EMBEDDINGS if is_embedding(self.name) else _REST


class Header(Section):
    """What a packed file says of itself."""

    version: Literal[2] = VERSION
    config: BertConfig
    steps: ModelSteps
    text: TextFormat
    tensors: list[TensorEntry]


@dataclass(frozen=True)
class Packed:
    """The contents of a packed file."""

    config: BertConfig
    steps: ModelSteps
    text: TextFormat
    tensors: list[StoredTensor]


def pack(packed: Packed, path: Path) -> None:
    """Write a packed file.

    Raises:
        UserError: the file cannot be written.
    """
    entries: list[TensorEntry] = []
    streams: dict[str, list[bytes]] = {}
    for tensor in packed.tensors:
        entries.append(_entry(tensor))
        for name, stream in _encode(tensor, entries[-1]):
            streams.setdefault(name, []).append(stream)
    header = Header(config=packed.config, steps=packed.steps, text=packed.text, tensors=entries)
    text = json.dumps(header.model_dump(mode="json"), separators=(",", ":"))
    frames = {name: byte_streams.compress(b"".join(parts)) for name, parts in streams.items()}
    arrays = {name: np.frombuffer(frame, np.uint8) for name, frame in frames.items()}
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata={_KEY: f"{_seal(text, frames)} {text}"})


def _entry(tensor: StoredTensor) -> TensorEntry:
    nonzero = int(np.count_nonzero(tensor.values)) if byte_streams.is_sparse(tensor.values, tensor.bits) else None
    return TensorEntry(name=tensor.name, shape=list(tensor.values.shape), bits=tensor.bits, nonzero=nonzero)


def _encode(tensor: StoredTensor, entry: TensorEntry) -> Iterator[tuple[str, bytes]]:
    """The tensor's part of each stream that it is in."""
    values = tensor.values.ravel()
    if entry.nonzero is not None:
        yield entry.stream_of_mask, byte_streams.mask_bytes(values)
        values = values[values != 0]
    yield entry.stream_of_values, byte_streams.value_bytes(values, entry.bits)


def unpack(path: Path) -> Packed:
    """Read a packed file: the tensors have the bits of those that were packed, but for the sign of zeros.

    Raises:
        UserError: the file is missing, truncated, changed, of another version or no packed file.
    """
    text, frames = _read(path)
    header = _parse(text, path)
    lengths: dict[str, int] = {}
    for name, length in (part for entry in header.tensors for part in _lengths(entry)):
        lengths[name] = lengths.get(name, 0) + length
    streams = {name: io.BytesIO(byte_streams.decompress(frames[name], length)) for name, length in lengths.items()}
    tensors = [_decode(entry, streams) for entry in header.tensors]
    return Packed(header.config, header.steps, header.text, tensors)


def _read(path: Path) -> tuple[str, dict[str, bytes]]:
    """Header and frames of an intact file: the one that the manifest names, and whole by its own checksum."""
    check_digest(path)
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            frames = {name: file.get_tensor(name).tobytes() for name in file.keys()}  # noqa: SIM118 no mapping
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path} is missing, truncated or no packed file ({error}): pack the model again") from None
    if _KEY not in metadata:
        raise UserError(f"{path} is a safetensors file, but no packed model: name a file that the rule pack made")
    seal, _, text = metadata[_KEY].partition(" ")
    if seal != _seal(text, frames):
        raise UserError(f"{path} was changed or damaged: its checksum is another; pack the model again")
    return text, frames


def _parse(text: str, path: Path) -> Header:
    values = json.loads(text)
    if values.get("version") != VERSION:
        found = values.get("version")
        raise UserError(
            f"{path} has version {found}, this multipress reads version {VERSION}: use the one that made it"
        )
    try:
        return Header.model_validate(values)
    except ValidationError as error:
        raise UserError(explain(error, Header, str(path))) from None


def _lengths(entry: TensorEntry) -> Iterator[tuple[str, int]]:
    """Bytes of the tensor's part of each stream that it is in."""
    if entry.nonzero is not None:
        yield entry.stream_of_mask, byte_streams.mask_length(entry.entries)
    yield entry.stream_of_values, byte_streams.value_length(entry.stored, entry.bits)


def _decode(entry: TensorEntry, streams: Mapping[str, io.BytesIO]) -> StoredTensor:
    parts = [streams[name].read(length) for name, length in _lengths(entry)]
    values = byte_streams.read_values(parts[-1], entry.stored, entry.bits)
    if entry.nonzero is not None:
        kept, values = values, np.zeros(entry.entries, values.dtype)
        values[byte_streams.read_mask(parts[0], entry.entries)] = kept
    return StoredTensor(entry.name, values.reshape(entry.shape), entry.bits)


def _seal(text: str, frames: Mapping[str, bytes]) -> str:
    """A digest of everything in the file."""
    digest = hashlib.sha256(text.encode())
    for name, frame in sorted(frames.items()):
        digest.update(name.encode())
        digest.update(frame)
    return digest.hexdigest()


def packed_sizes(path: Path) -> tuple[float, float]:
    """Megabytes (10^6 bytes) of a packed file, and of what in it is not the embeddings.

    Raises:
        UserError: the file is missing or damaged.
    """
    _, frames = _read(path)
    size = path.stat().st_size
    embeddings = sum(len(frame) for name, frame in frames.items() if name.startswith(_EMBEDDINGS))
    return size / 1e6, (size - embeddings) / 1e6
