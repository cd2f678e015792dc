"""Pool published runs of one study, whose tasks or seeds were trained apart, into one.

python -m workflow_scripts.pool one-machine/paper another/paper --output-dir docs/results/data/paper

All tables are made anew from what the runs hold together.
"""

import argparse
import shutil
from pathlib import Path

from multipress.core.errors import UserError
from multipress.workflow.pooling import pool
from multipress.workflow.publication import METRICS, Publication
from workflow_scripts._command import add_paths, run_command
from workflow_scripts.publish import put


def main(arguments: argparse.Namespace) -> None:
    """Pool beside the folder, make the tables, and put it in its place."""
    folders = arguments.folders
    if len(folders) < 2:
        raise UserError(f"{folders[0]} is one run: name two or more")
    runs = [Publication(folder) for folder in folders]
    for run in runs:
        run.settings("tabulate")  # or tell that it is none
    put(arguments.output_dir, lambda folder: pool(runs, folder), _take_tables)


def _take_tables(collected: Path, remade: Path) -> None:
    """The pooled run's tables are those that are made of it."""
    shutil.copytree(remade / "tables", collected / "tables", dirs_exist_ok=True)
    shutil.copyfile(remade / METRICS, collected / METRICS)


def _arguments() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("folders", type=Path, nargs="+", help="published runs")
    add_paths(result, output_dir="the folder to be published")
    return result


if __name__ == "__main__":
    run_command(main, _arguments())
