"""Audit a finished run: are the files those that were recorded, and do they belong to this configuration and code?

python -m workflow_scripts.audit                                    the paper
python -m workflow_scripts.audit --configfile config/demo.yaml      the demo

Exit status: 0 if nothing differs; 1 if something differs, each difference in a line of its own; 2 if a check could not
be made. (make audit ends with make's own 2 for both.)
"""

import argparse
import sys
from collections.abc import Iterable

from multipress.workflow.provenance.audit import audit
from multipress.workflow.provenance.findings import Check
from multipress.workflow.snakemake_api import parse_config, plan
from workflow_scripts._command import run_command
from workflow_scripts._study_command import StudyParser


def main(options: argparse.Namespace) -> None:
    """Print a line for each check and each difference."""
    with plan(options.configfile, parse_config(options.config)) as graph:
        sys.exit(_print_checks(audit(graph)))


def _print_checks(checks: Iterable[Check]) -> int:
    """Print each check as soon as it is made; the exit status."""
    differ = unchecked = False
    for check in checks:
        count = len(check.differences)
        outcome = f"{count} {'difference' if count == 1 else 'differences'}" if count else check.passed_message
        print(f"{check.name:<14} {f'NOT CHECKED: {check.problem}' if check.problem else outcome}")
        for difference in check.differences:
            print(f"    {difference}", flush=True)
        differ, unchecked = differ or bool(count), unchecked or bool(check.problem)
    return 1 if differ else 2 if unchecked else 0


if __name__ == "__main__":
    arguments = StudyParser(__doc__)
    arguments.add_config()
    run_command(main, arguments, status=2)
