"""Turn the rows of one prepared or augmented split into a token file."""

from argparse import Namespace
from pathlib import Path

import numpy
import pyarrow

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.data.prepared import read_rows
from multipress.data.settings.tokenization import TokenizeSettings
from multipress.data.token_files import write_tokens
from multipress.data.tokenization import encode, read_tokenizer
from workflow_scripts._command import add_paths, parser, run


class Params(TokenizeSettings):
    """What the tokens depend on, beside the rows and the tokenizer."""

    pair: bool


def main(params: Params, arguments: Namespace) -> None:
    """Read, encode, write."""
    tokenizer = read_tokenizer(arguments.tokenizer)
    _check_length(arguments.tokenizer.with_name("tokenizer_config.json"), params.max_length)
    rows = read_rows(arguments.rows)
    first = rows["text_a"].to_pylist()
    second = rows["text_b"].to_pylist() if params.pair else None
    write_tokens(
        arguments.output,
        encode(tokenizer, first, second, params.max_length),
        idx=_column(rows["idx"]),
        copies=_column(rows["copy"]) if "copy" in rows.column_names else pyarrow.array(numpy.zeros(len(rows), int)),
        labels=_column(rows["label"]),
    )


def _check_length(config: Path, max_length: int) -> None:
    """Refuse rows that are longer than what the tokenizer is meant for."""
    meant = read_json(config)["model_max_length"] if config.is_file() else max_length
    if max_length > meant:
        raise UserError(
            f"tokenize.max_length is {max_length}, but {config} has model_max_length {meant}: lower tokenize.max_length"
        )


def _column(column: pyarrow.ChunkedArray) -> pyarrow.Array:
    return pyarrow.concat_arrays(column.chunks) if column.num_chunks else pyarrow.array([], column.type)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        rows="Parquet file with idx, text_a, text_b, label and, if augmented, copy",
        tokenizer="tokenizer.json",
        output="the token file to write (Arrow)",
    )
    run(main, Params, command)
