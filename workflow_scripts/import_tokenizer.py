"""Take the vocabulary from a folder with vocab.txt or tokenizer.json, and write the tokenizer's files."""

from argparse import Namespace

from multipress.core.settings import Section
from multipress.data.tokenization import import_folder, save
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the tokenizer depends on, beside the folder's files."""

    lowercase: bool


def main(params: Params, arguments: Namespace) -> None:
    """Read, build, save."""
    save(import_folder(arguments.source_dir, params.lowercase), arguments.output_dir, params.lowercase)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        source_dir="folder with the vocabulary",
        output_dir="folder for tokenizer.json, tokenizer_config.json and vocab.txt",
    )
    run(main, Params, command)
