"""Tell for each job that would run which key, file or module made it stale, and what it was before."""

import argparse
import json
from pathlib import Path

from multipress.commands.study_arguments import add_config, add_configfile
from multipress.workflow.snakemake_api import parse_config, plan
from multipress.workflow.staleness.reasons import StaleJob, stale_jobs, unrecorded_jobs

EXAMPLE = """
multipress why                                      # everything, with config.yaml
multipress why all --configfile config/demo.yaml    # the demo
"""


def main(options: argparse.Namespace) -> None:
    """Print a line for each reason, or all as JSON."""
    config, place = parse_config(options.config), {"targets": options.targets, "folder": options.directory}
    with plan(options.configfile, config, **place) as graph:
        jobs, unrecorded = stale_jobs(graph), unrecorded_jobs(graph)
    if options.json:
        print(json.dumps({"stale": [job._asdict() for job in jobs], "unrecorded": unrecorded}, indent=2))
    else:
        _print_lines(jobs, unrecorded)


def _print_lines(jobs: list[StaleJob], unrecorded: list[str]) -> None:
    for job in jobs:
        for reason in job.reasons:
            print(f"{job.name}: {reason}")
    for name in unrecorded:
        print(f"{name}: no record of how it was made; only its files' times are known")
    print(
        f"{len(jobs)} jobs are stale"
        if jobs
        else "nothing is stale"
        if not unrecorded
        else "nothing is known to be stale"
    )


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_configfile(result)
    result.add_argument("targets", nargs="*", default=["all"], help="rules or files; default: all")
    add_config(result)
    result.add_argument("--directory", type=_folder, metavar="PATH", help="as Snakemake's")
    result.add_argument("--json", action="store_true", help="stale jobs and their reasons as JSON")


def _folder(text: str) -> Path:
    """A folder that is there: Snakemake would make it."""
    path = Path(text)
    if not path.is_dir():
        found = "is no folder" if path.exists() else "does not exist"
        raise argparse.ArgumentTypeError(f"{text} {found}: name the folder in which the run's paths begin")
    return path
