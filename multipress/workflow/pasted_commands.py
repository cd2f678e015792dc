"""Commands that messages print for people to paste into a shell, quoted for it and for make."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from multipress.workflow.environment import ROOT


def make(target: str, configfiles: Sequence[Path], **variables: str) -> str:
    """``make target CONFIG=… NAME=value``: in CONFIG stand words of a shell, so that a name may have blanks."""
    given = {"CONFIG": shlex.join(map(str, configfiles))} if configfiles else {}
    words = [f"{name}={value}".replace("$", "$$") for name, value in (given | variables).items()]
    return shlex.join(["make", target, *words])


def record(configfiles: Sequence[Path]) -> str:
    """The command that records a finished run anew."""
    return snakemake("record", "--forcerun", "record", configfiles=configfiles)


def snakemake(*arguments: str, configfiles: Sequence[Path]) -> str:
    """``python -m snakemake --profile local …``, from where the user stands, whatever is on PATH there."""
    places = ["--profile", "local"]
    if not stands_in_root():
        places = ["--profile", str(ROOT / "local"), "--snakefile", str(ROOT / "Snakefile")]
    files = ["--configfile", *map(_short, configfiles)] if configfiles else []
    return shlex.join([python(), "-m", "snakemake", *places, *arguments, *files])


def stands_in_root() -> bool:
    """Whether the working directory is the repository, with its Makefile and Snakefile."""
    return ROOT.samefile(Path.cwd())


def python() -> str:
    """This interpreter, whatever is on PATH where the command is pasted."""
    return _short(Path(sys.executable))


def _short(path: Path) -> str:
    """The path, from the working directory if it lies there."""
    return os.path.relpath(path) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)
