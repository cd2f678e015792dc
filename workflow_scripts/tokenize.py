"""Turn the rows of one prepared or augmented split into a token file."""

from argparse import Namespace

import numpy
import pyarrow
import pyarrow.parquet

from multipress.config.text import TokenizeSettings
from multipress.data.tokenization import encode, read_tokenizer
from multipress.data.tokens import write_tokens
from multipress.errors import UserError
from workflow_scripts._command import add_paths, parser, run


class Params(TokenizeSettings):
    """What the tokens depend on, beside the rows and the tokenizer."""

    pair: bool


def main(params: Params, arguments: Namespace) -> None:
    """Read, encode, write."""
    tokenizer = read_tokenizer(arguments.tokenizer)
    rows = _read_rows(arguments.rows)
    first = rows["text_a"].to_pylist()
    second = rows["text_b"].to_pylist() if params.pair else None
    write_tokens(
        arguments.output,
        encode(tokenizer, first, second, params.max_length),
        idx=rows["idx"],
        copies=rows["copy"] if "copy" in rows.column_names else pyarrow.array(numpy.zeros(len(rows), numpy.int64)),
        labels=rows["label"],
    )


def _read_rows(path: str) -> pyarrow.RecordBatch:
    try:
        return pyarrow.parquet.read_table(path).combine_chunks().to_batches()[0]
    except (pyarrow.ArrowException, OSError, IndexError) as error:
        raise UserError(f"{path} has no rows to read ({error}); rerun the rule that makes it") from None


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        rows="Parquet file with idx, text_a, text_b, label and, if augmented, copy",
        tokenizer="tokenizer.json",
        output="the token file to write (Arrow)",
    )
    run(main, Params, command)
