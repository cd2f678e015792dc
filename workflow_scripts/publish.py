"""Collect what is published of a finished run: a few megabytes from which all its tables and figures can be remade.

python -m workflow_scripts.publish --results results/paper --output-dir docs/results/data/paper

There are no texts of rows in it, no models, and no absolute paths. The run must be finished and recorded (audit.json),
and its tables must be those that this code makes of what is published.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from multipress.core.errors import UserError
from multipress.workflow.provenance.publishing import collect
from multipress.workflow.publication import RECORD, SETTINGS, Publication, differing_tables
from workflow_scripts._command import add_paths, run_command
from workflow_scripts.remake import remake_figures, remake_tables


def main(arguments: argparse.Namespace) -> None:
    """Collect beside the folder, remake all from that, and put it in its place if the tables are the run's."""

    def collect_all(folder: Path) -> None:
        collect(arguments.results, folder)

    def check(collected: Path, remade: Path) -> None:
        if places := list(differing_tables(collected, remade)):
            raise UserError(
                f"{len(places)} tables of {arguments.results} are not what this code makes of its results, first "
                f"{places[0]}; run snakemake again, or publish with the code that made them"
            )

    put(arguments.output_dir, collect_all, check)


def put(folder: Path, collect_into: Callable[[Path], None], finish: Callable[[Path, Path], None]) -> None:
    """Put a published run in its place once it is whole, and say what it is.

    Args:
        folder: Its place, in which an earlier one may lie.
        collect_into: Writes what is published into a folder.
        finish: Gets that folder, and one with the tables and figures that are remade from it.

    Raises:
        UserError: something else lies in the place, or a file cannot be written.
    """
    _check_target(folder)
    with TemporaryDirectory(dir=_made(folder.parent), prefix=".publish-") as name:
        collected, remade = Path(name, "collected"), Path(name, "remade")
        collect_into(collected)
        run = Publication(collected)
        remake_tables(run, remade)
        remake_figures(run, remade)
        finish(collected, remade)
        _replace(folder, collected, Path(name, "earlier"))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(
        f"{folder}: {size / 1e6:.1f} MB; its tables and figures: workflow_scripts.remake {folder} --output-dir remade"
    )


def _replace(folder: Path, new: Path, earlier: Path) -> None:
    """Put a new folder in a place; what was there goes back where that fails."""
    try:
        if folder.exists():
            folder.rename(earlier)
        new.rename(folder)
    except BaseException:
        if earlier.exists():
            earlier.rename(folder)
        raise


def _check_target(folder: Path) -> None:
    """Nothing but an earlier publication is replaced."""
    if folder.is_symlink():
        raise UserError(f"{folder} is a link: name the folder itself as --output-dir")
    is_earlier = all((folder / name).is_file() for name in (SETTINGS, RECORD))
    if folder.exists() and not is_earlier and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError(f"{folder} is there and no published run: name another --output-dir")


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made ({error.strerror}): name another --output-dir") from None
    return folder


def _arguments() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--results", type=Path, required=True, metavar="PATH", help="the run's folder of results")
    add_paths(result, output_dir="the folder to be published")
    return result


if __name__ == "__main__":
    run_command(main, _arguments())
