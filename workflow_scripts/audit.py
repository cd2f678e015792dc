"""Audit a finished run: is what lies on the disk what was recorded, and does it belong to this configuration and code?

python -m workflow_scripts.audit                                    the paper
python -m workflow_scripts.audit --configfile config/demo.yaml      the demo

Exit status: 0 if all is true; 1 if something differs, each difference in a line of its own; 2 if a check could not be
made.
"""

import argparse
import sys
from pathlib import Path

from snakemake.cli import parse_config

from multipress.errors import UserError
from provenance.audit import audit
from provenance.findings import Check
from provenance.graph import plan


def main() -> None:
    """Print a line for each check and each difference."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--configfile", type=Path, nargs="+", default=[], help="as Snakemake's")
    arguments.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="as Snakemake's")
    options = arguments.parse_args()
    try:
        with plan(options.configfile, parse_config(options.config)) as dag:
            sys.exit(_told(list(audit(dag))))
    except UserError as error:
        print(f"audit: error: {error}", file=sys.stderr)
        sys.exit(2)


def _told(checks: list[Check]) -> int:
    """Print the checks; the exit status."""
    for check in checks:
        count = len(check.differences)
        outcome = f"{count} {'difference' if count == 1 else 'differences'}" if count else check.held
        print(f"{check.name:<14} {f'NOT CHECKED: {check.problem}' if check.problem else outcome}")
        for difference in check.differences:
            print(f"    {difference}")
    if any(check.differences for check in checks):
        return 1
    return 2 if any(check.problem for check in checks) else 0


if __name__ == "__main__":
    main()
