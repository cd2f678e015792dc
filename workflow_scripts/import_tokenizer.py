"""Take the tokenizer of a folder with vocab.txt or tokenizer.json, and write the tokenizer's files."""

import sys
from argparse import Namespace

from multipress.core.settings import Section
from multipress.data.tokenization import save_form
from multipress.data.tokenizer.folder import read_tokenizer_form
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the tokenizer depends on, beside the folder's files."""

    lowercase: bool


def main(params: Params, arguments: Namespace) -> None:
    """Read, save."""
    form = read_tokenizer_form(arguments.source_dir, params.lowercase)
    if form.unknown:
        print(f"tokenizer_config.json: not known and not read: {', '.join(form.unknown)}", file=sys.stderr)
    save_form(form, arguments.output_dir)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(
        command,
        source_dir="folder with the tokenizer",
        output_dir="folder for tokenizer.json, tokenizer_config.json and vocab.txt",
    )
    run(main, Params, command)
