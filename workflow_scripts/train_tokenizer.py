"""Train the WordPiece vocabulary on the pre-training corpus."""

from argparse import Namespace
from typing import Literal

from pydantic import Field

from multipress.config.base import Section
from multipress.config.text import TokenizerSettings
from multipress.data.corpus import lines
from multipress.data.tokenization import save
from multipress.data.vocabulary import train
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the vocabulary depends on."""

    settings: TokenizerSettings
    corpus: list[str] | Literal["synthetic"] = "synthetic"
    synthetic_lines: int = Field(20000, ge=100)
    seed: int = Field(0, ge=0)


def main(params: Params, arguments: Namespace) -> None:
    """Train, save."""
    settings = params.settings
    tokenizer = train(
        lambda: lines(params.corpus, params.synthetic_lines, params.seed), settings.vocabulary, settings.lowercase
    )
    save(tokenizer, arguments.output_dir, settings.lowercase)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for tokenizer.json, tokenizer_config.json and vocab.txt")
    run(main, Params, command)
