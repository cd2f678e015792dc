"""Train the WordPiece vocabulary on the pre-training corpus."""

from argparse import Namespace
from pathlib import Path

from multipress.core.settings import Section
from multipress.data.corpus import lines
from multipress.data.tokenization import save
from multipress.data.vocabulary import train
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the vocabulary depends on, the text apart."""

    vocabulary: int
    lowercase: bool


def main(params: Params, arguments: Namespace) -> None:
    """Train, save."""
    tokenizer = train(lambda: lines(arguments.corpus), params.vocabulary, params.lowercase)
    save(tokenizer, arguments.output_dir, params.lowercase)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for tokenizer.json, tokenizer_config.json and vocab.txt")
    command.add_argument("--corpus", type=Path, nargs="+", required=True, metavar="PATH", help="text, plain or .zst")
    run(main, Params, command)
