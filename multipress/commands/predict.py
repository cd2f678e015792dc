"""Predict with a model of any form: one line of output for each line of input.

A line holds one text, or two with a tab between them, in UTF-8. Of a table (.csv, .tsv, .jsonl, .parquet) --text names
the column of texts, and --label one of labels that the answers are compared with. The answer is the label, a tab and
its probability; for regression, the number. Answers come in the order of the lines, as soon as no more input is waiting
or some hundred lines are there. A bad line ends the run with exit status 1, after the answers for all lines before it.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from multipress.commands.output_stream import opened
from multipress.commands.table_input import SUFFIXES as TABLES
from multipress.commands.table_input import Comparison, check_labels, read_table, windows
from multipress.commands.text_input import read_texts
from multipress.core.command_line import remark
from multipress.core.errors import UserError
from multipress.deployment.predictor import BATCH_SIZE, POOL, Prediction, load
from multipress.deployment.text_reader import Text

EXAMPLE = """
multipress predict --model shrunk/deploy/model.onnx lines.txt
multipress predict --model shrunk/deploy/model.onnx reviews.csv --text review --label stars --output answers.txt
multipress predict --model results/models/sst2/mini/seed1/kd-mp60-int8 < lines.txt
"""


Windows = Callable[[int, Callable[[Text], str | None]], Iterator[list[Text]]]
"""Gives texts, at most so many at a time; the function says what is wrong with one."""


def main(arguments: argparse.Namespace) -> None:
    """Read a window of lines, write its predictions, and so on."""
    os.environ.setdefault("RAYON_NUM_THREADS", str(arguments.threads))  # the tokenizer's
    with _source(arguments) as (windows, labels):
        predictor = load(arguments.model, arguments.tokenizer, arguments.threads, arguments.max_length)
        check_labels(labels, predictor.labels, str(arguments.input))
        cut, compared = 0, Comparison(labels)
        with opened(arguments.output) as write:
            for texts in windows(POOL * arguments.batch_size, predictor.reader.fault):
                predictions = predictor.predict(texts, arguments.batch_size)
                write("".join(f"{_line(prediction)}\n" for prediction in predictions))
                cut += sum(prediction.cut for prediction in predictions)
                compared.add([prediction.label for prediction in predictions])
    if cut:
        length = predictor.reader.max_length
        remark(f"{cut} of the lines had more than {length} tokens and were cut to them")
    remark(compared.summary())


def _line(prediction: Prediction) -> str:
    """Four decimals, and no minus before zero."""
    if prediction.probability is None:
        return f"{prediction.label:z.4f}"
    return f"{prediction.label}\t{prediction.probability:.4f}"


@contextmanager
def _source(arguments: argparse.Namespace) -> Iterator[tuple[Windows, list[Any]]]:
    """What gives the texts, so many at a time, and the labels of a table.

    Raises:
        UserError: the input cannot be read, or is a table and no column is named.
    """
    path: Path | None = arguments.input
    if arguments.text:
        if path is None:
            raise UserError("--text names columns of a table, and that is missing: name the file before --text")
        texts, labels = read_table(path, arguments.text, arguments.label)
        yield partial(windows, texts, str(path)), labels
        return
    if arguments.label:
        raise UserError("--label needs --text, the column of texts: add it")
    if path is not None and path.suffix in TABLES:
        raise UserError(f"input {path} is a table: add --text with its column of texts, or save the texts, one a line")
    with _input(path) as (descriptor, source):
        yield partial(read_texts, descriptor, source), []


@contextmanager
def _input(path: Path | None) -> Iterator[tuple[int, str]]:
    """The descriptor of the input, and its name in errors."""
    if path is None or str(path) == "-":
        yield 0, "standard input"
        return
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise UserError(f"input {path} cannot be read ({error.strerror}): name a file of texts, one a line") from None
    with file:
        yield file.fileno(), str(path)


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    result.add_argument(
        "--model",
        type=Path,
        required=True,
        metavar="PATH",
        help="a model's folder, a packed .safetensors file or an .onnx file",
    )
    result.add_argument(
        "--tokenizer", type=Path, metavar="PATH", help="tokenizer.json or its folder; default: beside the model"
    )
    result.add_argument(
        "--batch-size", type=_positive, default=BATCH_SIZE, metavar="N", help="lines at once (default: %(default)s)"
    )
    result.add_argument(
        "--max-length",
        type=_positive,
        metavar="N",
        help="tokens of a line at most, more are cut; default: as the packed or ONNX file says, 128 for a folder",
    )
    result.add_argument("--threads", type=_positive, default=1, metavar="N", help="of the CPU (default: %(default)s)")
    result.add_argument(
        "--output", type=Path, metavar="PATH", help="file to write when all is done; default: standard output"
    )
    result.add_argument("--text", nargs="+", metavar="COLUMN", help="of a table: its texts, or the two of pairs")
    result.add_argument("--label", metavar="COLUMN", help="of a table: labels; the end says how many agree")
    result.add_argument(
        "input", type=Path, nargs="?", metavar="INPUT", help="file of lines, or a table; default: standard input"
    )
