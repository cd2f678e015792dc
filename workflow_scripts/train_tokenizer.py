"""Train the WordPiece vocabulary on the pre-training corpus."""

from argparse import Namespace

from multipress.config.base import Section
from multipress.data.tokenization import save
from multipress.data.vocabulary import train
from workflow_scripts._command import add_paths, parser, run
from workflow_scripts._corpus import Corpus, add_corpus, read_corpus


class Params(Section):
    """What the vocabulary depends on."""

    vocabulary: int
    lowercase: bool
    corpus: Corpus


def main(params: Params, arguments: Namespace) -> None:
    """Train, save."""
    tokenizer = train(lambda: read_corpus(params.corpus, arguments), params.vocabulary, params.lowercase)
    save(tokenizer, arguments.output_dir, params.lowercase)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for tokenizer.json, tokenizer_config.json and vocab.txt")
    add_corpus(command)
    run(main, Params, command)
