"""Download the vocabulary from the hub, at a pinned revision, and write the tokenizer's files."""

from argparse import Namespace

from multipress.core.files import write_json
from multipress.core.settings import Section
from multipress.data.hub import download_files
from multipress.data.tokenization import import_folder, save
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the files depend on."""

    repository: str
    revision: str
    lowercase: bool


def main(params: Params, arguments: Namespace) -> None:
    """Download, build, save."""
    folder = arguments.output_dir
    commit = download_files(params.repository, params.revision, ["vocab.txt"], folder)
    write_json(folder / "source.json", {"repository": params.repository, "commit": commit})
    save(import_folder(folder, params.lowercase), folder, params.lowercase)


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for tokenizer.json, tokenizer_config.json, vocab.txt and source.json")
    run(main, Params, command)
