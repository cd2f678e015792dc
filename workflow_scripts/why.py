"""Tell for each job that would run which key, file or module made it stale, and what it was before.

python -m workflow_scripts.why                                      everything, with config.yaml
python -m workflow_scripts.why all --configfile config/demo.yaml    the demo
"""

import argparse
from pathlib import Path

from multipress.workflow.snakemake_api import parse_config, plan
from multipress.workflow.staleness.reasons import stale_jobs, unrecorded_jobs
from workflow_scripts._command import run_command
from workflow_scripts._study_command import StudyParser


def main(options: argparse.Namespace) -> None:
    """Print a line for each reason."""
    config, place = parse_config(options.config), {"targets": options.targets, "folder": options.directory}
    with plan(options.configfile, config, **place) as graph:
        jobs, unrecorded = stale_jobs(graph), unrecorded_jobs(graph)
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


if __name__ == "__main__":
    arguments = StudyParser(__doc__)
    arguments.add_argument("targets", nargs="*", default=["all"], help="rules or files; default: all")
    arguments.add_config()
    arguments.add_argument("--directory", type=Path, help="as Snakemake's")
    run_command(main, arguments)
