"""Download the tokenizer from the hub, at a pinned revision, and write the tokenizer's files."""

import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from multipress.core.errors import UserError
from multipress.core.files import write_json
from multipress.core.settings import Section
from multipress.data.hub import download_files
from multipress.data.tokenization import save_form
from multipress.data.tokenizer.folder import read_tokenizer_form
from multipress.data.tokenizer.form import TokenizerForm
from multipress.data.tokenizer_files import SETTINGS_FILES, VOCABULARY_FILES
from workflow_scripts._command import add_paths, parser, run


class Params(Section):
    """What the files depend on."""

    repository: str
    revision: str
    lowercase: bool


def main(params: Params, arguments: Namespace) -> None:
    """Download, read, save."""
    folder = arguments.output_dir
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".downloaded-", dir=folder.parent) as downloaded:
        files = Path(downloaded)
        commit = download_files(params.repository, params.revision, [], files, VOCABULARY_FILES, SETTINGS_FILES)
        form = _read(files, params, f"{params.repository} at {commit}")
    if form.unknown:
        print(f"tokenizer_config.json: not known and not read: {', '.join(form.unknown)}", file=sys.stderr)
    save_form(form, folder)
    write_json(folder / "source.json", {"repository": params.repository, "commit": commit})


def _read(folder: Path, params: Params, name: str) -> TokenizerForm:
    """The tokenizer of the downloaded files; errors name where they come from."""
    try:
        return read_tokenizer_form(folder, params.lowercase)
    except UserError as error:
        raise UserError(str(error).replace(str(folder), name)) from None


if __name__ == "__main__":
    command = parser(__doc__)
    add_paths(command, output_dir="folder for tokenizer.json, tokenizer_config.json, vocab.txt and source.json")
    run(main, Params, command)
