"""Make the report of a finished run, one HTML file among its results, unless it is newer than all that it shows."""

import argparse
import subprocess
from collections.abc import Iterator
from pathlib import Path

from multipress.commands.study_arguments import add_configfile
from multipress.core.errors import UserError
from multipress.workflow import pasted_commands
from multipress.workflow.environment import ROOT
from multipress.workflow.load import load_files
from multipress.workflow.report_file import being_made
from multipress.workflow.results_folder import command_of_report

EXAMPLE = """
multipress report                                  # the paper's
multipress report --configfile config/demo.yaml    # the demo's
"""


def main(arguments: argparse.Namespace) -> None:
    """Check that there are results, and let Snakemake make the report."""
    results = Path(load_files(arguments.configfile).results)
    if arguments.results and arguments.results != results:
        raise UserError(
            f"the results of this configuration are in {results}, not in {arguments.results}: leave that out"
        )
    if not (results / "tables" / "results.csv").exists():
        remedy = pasted_commands.snakemake("all", configfiles=arguments.configfile)
        raise UserError(f"there are no results in {results}; make them first: {remedy}")
    report = results / "report.html"
    if report.exists() and all(_time(file) <= _time(report) for file in _shown(results)):
        print(f"{report} is up to date")
        return
    with being_made(report) as file:
        if subprocess.run(command_of_report(file, arguments.configfile), check=False).returncode:
            raise UserError(f"{report} could not be made: see above")
    print(f"{report} is made")


def _shown(results: Path) -> Iterator[Path]:
    yield from results.glob("figures/*.svg")
    yield from results.glob("pages/*.html")
    yield from (ROOT / "report").iterdir()


def _time(file: Path) -> float:
    return file.stat().st_mtime


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_configfile(result)
    result.add_argument("--results", type=Path, metavar="PATH", help="where they must be; default: as configured")
