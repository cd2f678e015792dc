"""Token files: memory-mapped Arrow, read as flat numpy arrays without a copy."""

from collections.abc import Iterable
from pathlib import Path

import numpy
import pyarrow
import pyarrow.ipc

from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.data.tokens import Tokens, offsets_of

SCHEMA = pyarrow.schema(
    [
        ("idx", pyarrow.int64()),
        ("copy", pyarrow.int64()),  # 0 for original rows, from 1 for augmented copies
        ("input_ids", pyarrow.list_(pyarrow.int32())),
        ("first_length", pyarrow.int32()),
        ("label", pyarrow.float64()),
    ]
)


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
    offsets = offsets_of([len(row) for row, _ in rows])
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
