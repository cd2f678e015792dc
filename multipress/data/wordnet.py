"""A check for WordNet's files, before the first job starts and without importing NLTK, which takes seconds."""

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from multipress.core.errors import UserError

WORDNET, TAGGER = "corpora/wordnet", "taggers/averaged_perceptron_tagger_eng"


def check_wordnet() -> None:
    """Find the NLTK data that the lexicon ``wordnet`` needs.

    Raises:
        UserError: a package is missing; the message names the remedy.
    """
    missing = missing_packages([WORDNET, TAGGER])
    if missing:
        names = " ".join(package.rpartition("/")[2] for package in missing)
        raise UserError(
            f"augment.lexicon wordnet needs the NLTK data {' and '.join(missing)}: "
            f"run {shlex.quote(sys.executable)} -m nltk.downloader {names}, "
            "or set NLTK_DATA to the folder that has them, or set augment.lexicon to builtin"
        )


def missing_packages(packages: Iterable[str]) -> list[str]:
    """Those of these NLTK packages, such as ``corpora/wordnet``, that are not there; sorted."""
    folders = _nltk_folders()
    return [
        package
        for package in sorted(packages)
        if not any((folder / package).is_dir() or (folder / f"{package}.zip").is_file() for folder in folders)
    ]


def _nltk_folders() -> list[Path]:
    """The folders of nltk.data.path, in which NLTK searches for data."""
    named = [Path(folder) for folder in os.environ.get("NLTK_DATA", "").split(os.pathsep) if folder]
    prefixes = [Path(sys.prefix, *parts) for parts in ((), ("share",), ("lib",))]
    system = [Path(folder) for folder in ("/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib")]
    return named + [folder / "nltk_data" for folder in (Path("~").expanduser(), *prefixes, *system)]
