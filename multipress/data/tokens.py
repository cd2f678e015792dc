"""Token files: memory-mapped Arrow, read as flat numpy arrays without a copy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy
import pyarrow
import pyarrow.ipc

from multipress.core.errors import UserError
from multipress.core.files import replacing

SCHEMA = pyarrow.schema(
    [
        ("idx", pyarrow.int64()),
        ("copy", pyarrow.int64()),  # 0 for original rows, from 1 for augmented copies
        ("input_ids", pyarrow.list_(pyarrow.int32())),
        ("first_length", pyarrow.int32()),
        ("label", pyarrow.float64()),
    ]
)


@dataclass(frozen=True)
class Tokens:
    """Tokenized rows; row i holds ``ids[offsets[i]:offsets[i + 1]]``."""

    ids: numpy.ndarray
    """int32, all rows' token ids one after another."""
    offsets: numpy.ndarray
    """int64 of shape (rows + 1,)."""
    first_lengths: numpy.ndarray
    """int32 of shape (rows,): tokens of segment 0, [CLS] and its [SEP] included."""
    labels: numpy.ndarray
    """float64 of shape (rows,): a class id or a number."""
    idx: numpy.ndarray
    """int64 of shape (rows,): the row's identifier in the task."""
    copies: numpy.ndarray | None = None
    """int64 of shape (rows,): 0 for original rows, the copy's number for augmented ones; None: all are original."""

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.idx)

    @property
    def lengths(self) -> numpy.ndarray:
        """int64 of shape (rows,): tokens of each row."""
        return numpy.diff(self.offsets)

    @property
    def is_copy(self) -> numpy.ndarray:
        """bool of shape (rows,): whether each row is augmented."""
        return numpy.zeros(len(self), bool) if self.copies is None else self.copies > 0


def write_tokens(
    path: str | Path,
    encoded: Iterable[tuple[numpy.ndarray, int]],
    idx: pyarrow.Array,
    copies: pyarrow.Array,
    labels: pyarrow.Array,
) -> None:
    """Write rows as one uncompressed Arrow batch, which can be mapped into memory whole.

    Args:
        path: the file to write.
        encoded: for each row its token ids and the length of its first segment.
        idx: row identifiers.
        copies: 0 for original rows, the copy's number for augmented ones.
        labels: class ids or numbers.

    Raises:
        UserError: the rows hold more tokens than one file can.
    """
    rows = list(encoded)
    ids = [numpy.zeros(0, numpy.int32), *(row for row, _ in rows)]
    first_lengths = [length for _, length in rows]
    offsets = _offsets([len(row) for row, _ in rows])
    if offsets[-1] >= 2**31:
        raise UserError(f"{path}: {offsets[-1]} tokens exceed 2^31; lower augment.copies or tokenize.max_length")
    columns = [
        idx.cast(pyarrow.int64()),
        copies.cast(pyarrow.int64()),
        pyarrow.ListArray.from_arrays(pyarrow.array(offsets.astype(numpy.int32)), numpy.concatenate(ids)),
        pyarrow.array(first_lengths, pyarrow.int32()),
        labels.cast(pyarrow.float64()),
    ]
    with replacing(path) as temporary, pyarrow.ipc.new_file(temporary, SCHEMA) as writer:
        writer.write_batch(pyarrow.record_batch(columns, schema=SCHEMA))


def read_tokens(path: str | Path) -> Tokens:
    """Map a token file into memory.

    Raises:
        UserError: the file is missing, truncated or no token file.
    """
    try:
        with pyarrow.ipc.open_file(pyarrow.memory_map(str(path))) as file:
            if file.schema != SCHEMA or file.num_record_batches != 1:
                raise pyarrow.ArrowInvalid("other columns than those of a token file")
            batch = file.get_batch(0)
        batch.validate(full=True)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; rerun the rule that makes it") from None
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(
            f"{path} is no intact token file ({error}); delete it and rerun the rule that makes it"
        ) from None
    ids = batch["input_ids"]
    return Tokens(
        # Not by to_numpy, which loads pandas.
        ids=numpy.from_dlpack(ids.values),
        offsets=numpy.from_dlpack(ids.offsets).astype(numpy.int64),
        first_lengths=numpy.from_dlpack(batch["first_length"]),
        labels=numpy.from_dlpack(batch["label"]),
        idx=numpy.from_dlpack(batch["idx"]),
        copies=numpy.from_dlpack(batch["copy"]),
    )


def concatenate(parts: Sequence[Tokens]) -> Tokens:
    """All rows of the parts, in order."""
    return Tokens(
        ids=numpy.concatenate([part.ids for part in parts]),
        offsets=_offsets(numpy.concatenate([part.lengths for part in parts])),
        first_lengths=numpy.concatenate([part.first_lengths for part in parts]),
        labels=numpy.concatenate([part.labels for part in parts]),
        idx=numpy.concatenate([part.idx for part in parts]),
        copies=numpy.concatenate([part.is_copy if part.copies is None else part.copies for part in parts]),
    )


def _offsets(lengths: Sequence[int] | numpy.ndarray) -> numpy.ndarray:
    """The start of each row, and the end of the last; int64."""
    return numpy.concatenate([[0], numpy.cumsum(lengths, dtype=numpy.int64)])
