"""The digests of deployed files, which lie beside them in files.json."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from multipress.core.errors import UserError
from multipress.core.files import read_json, write_json
from multipress.data.text_format import sha256_or_error

MANIFEST = "files.json"
"""Names and SHA-256 of the files."""


def write_manifest(folder: Path, files: Iterable[Path]) -> None:
    """Write down the digests of a folder's files."""
    write_json(folder / MANIFEST, {file.name: sha256_or_error(file) for file in files})


def check_digest(file: Path) -> None:
    """Refuse a file whose bytes are not those that the manifest beside it has; without one there is nothing to check.

    It reads the file once, at about the speed of SHA-256 (docs/explanation/deployment.md).

    Raises:
        UserError: the file or the manifest was changed or damaged, or the file cannot be read.
    """
    manifest = file.with_name(MANIFEST)
    if not manifest.is_file() or not file.is_file():
        return
    digests = read_json(manifest)
    recorded = digests.get(file.name) if isinstance(digests, dict) else None
    if recorded is not None and (found := sha256_or_error(file)) != recorded:
        remedy = f"rm {shlex.quote(str(manifest))}, and the command that made it"
        raise UserError(
            f"{file} was changed or damaged: its SHA-256 is {found[:12]}…, not {str(recorded)[:12]}… as in {MANIFEST} "
            f"beside it; copy it again, or have it made again: {remedy}"
        )
