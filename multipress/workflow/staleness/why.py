"""Tell for each job that would run which key, file or module made it stale, and what it was before.

python -m multipress.workflow.staleness.why                                      everything, with config.yaml
python -m multipress.workflow.staleness.why all --configfile config/demo.yaml    the demo
"""

import argparse
from pathlib import Path

from multipress.workflow.snakemake_api import dry_run, parse_config
from multipress.workflow.staleness.reasons import stale_jobs


def main() -> None:
    """Print a line for each reason."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("targets", nargs="*", default=["all"], help="rules or files; default: all")
    arguments.add_argument("--configfile", type=Path, nargs="+", default=[], help="as Snakemake's")
    arguments.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="as Snakemake's")
    arguments.add_argument("--directory", type=Path, help="as Snakemake's")
    options = arguments.parse_args()
    with dry_run(options.targets, options.configfile, parse_config(options.config), options.directory) as graph:
        jobs = stale_jobs(graph)
    for job in jobs:
        for reason in job.reasons:
            print(f"{job.name}: {reason}")
    print(f"{len(jobs)} jobs are stale" if jobs else "nothing is stale")


if __name__ == "__main__":
    main()
