"""The pre-training corpus, as train_tokenizer and pretrain read it."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from multipress.config.base import Section
from multipress.data.corpus import lines
from multipress.errors import UserError


class Corpus(Section):
    """Where the text comes from; the files themselves are inputs of the rule."""

    source: Literal["synthetic", "files"]
    lines: int = 0
    seed: int = 0


def add_corpus(to: argparse.ArgumentParser) -> None:
    """Add the text files of a corpus from files."""
    to.add_argument("--corpus", type=Path, nargs="*", default=[], metavar="PATH", help="text files, plain or .zst")


def read_corpus(corpus: Corpus, arguments: argparse.Namespace) -> Iterator[str]:
    """The corpus's lines.

    Raises:
        UserError: files are asked for and none is given.
    """
    if corpus.source == "files" and not arguments.corpus:
        raise UserError("the corpus comes from files, but --corpus names none")
    return lines(arguments.corpus if corpus.source == "files" else "synthetic", corpus.lines, corpus.seed)
