"""What commands share that look at a whole study: ``--configfile``, ``--config``, one line for each mistake."""

import argparse
import os
from pathlib import Path
from typing import NoReturn


class StudyParser(argparse.ArgumentParser):
    """The parser of a command that looks at a study: ``--configfile``, and one line for each mistake, with status 2."""

    def __init__(self, description: str | None) -> None:
        """With the option that all of them have."""
        super().__init__(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.add_argument("--configfile", type=_configuration, nargs="+", default=[], help="as Snakemake's")

    def add_config(self) -> None:
        """Add ``--config``."""
        self.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="as Snakemake's")

    def error(self, message: str) -> NoReturn:
        """End with one line."""
        self.exit(2, f"{self.prog.removesuffix('.py')}: error: {message}\n")


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
