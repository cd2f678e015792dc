"""A folder of results: the table that lies in it, and the commands that make files of it."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load_files
from multipress.workflow.pasted_commands import python

_FIRST = "config.yaml"
"""The configuration file that all others are laid over."""


def folder_of(table: Path) -> Path | None:
    """The folder of results in whose ``tables`` a file lies, by a path that is right where the file's is."""
    tables = table.parent if table.parent.name not in ("", "..") else table.parent.resolve()
    return tables.parent if tables.name == "tables" else None


def command_for(folder: Path, words: Sequence[str]) -> str:
    """The command that makes files of a folder of results, for a shell in the working directory.

    Empty where no configuration file of the checkout is that of the results: by the configuration that they were last
    made with, as far as they know it, else by their folder alone.

    Args:
        folder: The folder.
        words: Paths below it, as words of a shell.
    """
    known = _configuration(folder)
    for file, values in _configurations():
        if (ROOT / values["results"]).resolve() == folder.resolve() and known in (None, values):
            targets = " ".join(f"{shlex.quote(values['results'])}/{word}" for word in words)
            moved = "" if Path.cwd() == ROOT else f"cd {shlex.quote(str(ROOT))} && "
            other = "" if file == _FIRST else f" --configfile {shlex.quote(file)}"
            return f"{moved}{shlex.quote(python())} -m snakemake {targets} --profile local{other}"
    return ""


def command_of_report(file: Path, configfiles: Sequence[Path]) -> list[str]:
    """The words of the command that makes the report of a finished run, one HTML file, in the working directory."""
    command = [sys.executable, "-m", "snakemake", "all", "--report", str(file), "--quiet", "all"]
    command += ["--report-stylesheet", str(ROOT / "report" / "style.css")]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--profile", str(ROOT / "local")]
    return command + (["--configfile", *map(str, configfiles)] if configfiles else [])


def _configuration(folder: Path) -> dict[str, Any] | None:
    """What the results were made with; None where neither their logs nor their record are there."""
    logged, recorded = folder / "logs" / "config.json", folder / "audit.json"
    if logged.exists():
        values: dict[str, Any] = read_json(logged)
        return values
    return read_json(recorded).get("configuration") if recorded.exists() else None


def _configurations() -> Iterator[tuple[str, dict[str, Any]]]:
    """The checkout's configuration files, each laid over the first one and validated; others are passed over."""
    for path in [ROOT / _FIRST, *sorted(ROOT.glob("config/*.y*ml")), *sorted(ROOT.glob("*.y*ml"))]:
        with suppress(UserError):
            values = load_files([path], ROOT).model_dump(mode="json", exclude_unset=True)
            yield str(path.relative_to(ROOT)), values
