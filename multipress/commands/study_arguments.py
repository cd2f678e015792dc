"""Arguments of the verbs that look at a whole study: ``--configfile``, ``--config``."""

import argparse
import os
from pathlib import Path


def add_configfile(to: argparse.ArgumentParser) -> None:
    """Add ``--configfile``."""
    to.add_argument("--configfile", type=_configuration, nargs="+", default=[], metavar="FILE", help="as Snakemake's")


def add_config(to: argparse.ArgumentParser) -> None:
    """Add ``--config``."""
    to.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="as Snakemake's")


def _configuration(text: str) -> Path:
    """A file of configuration that can be read."""
    path = Path(text)
    if not path.is_file():
        found = "is no file" if path.exists() else "does not exist"
        raise argparse.ArgumentTypeError(
            f"configuration {text} {found} (looked for in {Path.cwd()}): name one that is there; "
            "in make, a name with blanks takes quotes of its own: CONFIG=\"'my study.yaml'\""
        )
    if not os.access(path, os.R_OK):
        raise argparse.ArgumentTypeError(f"configuration {text} cannot be read: its owner must allow that, chmod a+r")
    return path
