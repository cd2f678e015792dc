"""A check for WordNet's files, before the first job starts and without importing NLTK, which takes seconds."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from multipress.core.errors import UserError

PACKAGES = ("corpora/wordnet", "taggers/averaged_perceptron_tagger_eng")
"""What the lexicon ``wordnet`` reads."""


def check_wordnet() -> None:
    """Find the NLTK data that the lexicon ``wordnet`` needs.

    Raises:
        UserError: a package is missing; the message names the remedy.
    """
    missing = [package for package in PACKAGES if not is_found(package)]
    if missing:
        raise UserError(
            f"augment.lexicon wordnet needs the NLTK data {' and '.join(missing)}: run {download_command(missing)}, "
            "or set NLTK_DATA to the folder that has them, or set augment.lexicon to builtin"
        )


def is_found(package: str) -> bool:
    """Whether a package of NLTK data lies where NLTK searches."""
    return any((folder / package).is_dir() or (folder / f"{package}.zip").is_file() for folder in _nltk_folders())


def download_command(packages: Sequence[str]) -> str:
    """The command that fetches packages of NLTK data."""
    names = [package.rpartition("/")[2] for package in packages]
    return shlex.join([sys.executable, "-m", "nltk.downloader", *names])


def _nltk_folders() -> list[Path]:
    """The folders of nltk.data.path, in which NLTK searches for data."""
    named = [Path(folder) for folder in os.environ.get("NLTK_DATA", "").split(os.pathsep) if folder]
    prefixes = [Path(sys.prefix, *parts) for parts in ((), ("share",), ("lib",))]
    system = [Path(folder) for folder in ("/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib")]
    return named + [folder / "nltk_data" for folder in (Path("~").expanduser(), *prefixes, *system)]
