"""Arguments of the verbs that look at a whole study: ``--configfile``, ``--config``."""

import argparse
import os
from pathlib import Path
from typing import Any


def add_configfile(to: argparse.ArgumentParser) -> None:
    """Add ``--configfile``."""
    to.add_argument(
        "--configfile",
        type=_configuration,
        nargs="+",
        action=_Once,
        default=[],
        metavar="FILE",
        help="as Snakemake's",
    )


def add_config(to: argparse.ArgumentParser) -> None:
    """Add ``--config``."""
    to.add_argument("--config", nargs="+", action=_Once, default=[], metavar="KEY=VALUE", help="as Snakemake's")


class _Once(argparse.Action):
    """An option that takes all values at once: of two, argparse would take the last alone."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keep the values.

        Raises:
            argparse.ArgumentError: there are some from before.
        """
        if getattr(namespace, self.dest):
            raise argparse.ArgumentError(self, "stands twice, and only the last would count: give all after one")
        setattr(namespace, self.dest, values)


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
