"""Audit a finished run: are the files those that were recorded, and do they belong to this configuration and code?

Each check has a line, and each difference one of its own.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator

from multipress.commands.study_arguments import add_config, add_configfile
from multipress.workflow.provenance.audit import audit
from multipress.workflow.provenance.findings import Check
from multipress.workflow.snakemake_api import parse_config, plan

EXAMPLE = """
multipress audit                                    # the paper
multipress audit --configfile config/demo.yaml      # the demo
"""

EXIT_STATUS = "0, nothing differs; 1, something differs; 2, a check could not be made, or a mistake, said in one line"


def main(options: argparse.Namespace) -> None:
    """Print a line for each check and each difference, or all as JSON."""
    show = _print_json if options.json else _print_checks
    with plan(options.configfile, parse_config(options.config)) as graph:
        sys.exit(_status(show(audit(graph))))


def _status(checks: Iterable[Check]) -> int:
    """The exit status; it takes the checks one by one, as they are made."""
    differ = unchecked = False
    for check in checks:
        differ, unchecked = differ or bool(check.differences), unchecked or bool(check.problem)
    return 1 if differ else 2 if unchecked else 0


def _print_json(checks: Iterable[Check]) -> list[Check]:
    """Print all checks; those without a problem were made."""
    made = list(checks)
    shown = [
        {"check": check.name, "problem": check.problem, "differences": [each._asdict() for each in check.differences]}
        for check in made
    ]
    print(json.dumps(shown, indent=2))
    return made


def _print_checks(checks: Iterable[Check]) -> Iterator[Check]:
    """Print each check as soon as it is made."""
    for check in checks:
        count = len(check.differences)
        outcome = f"{count} {'difference' if count == 1 else 'differences'}" if count else check.passed_message
        print(f"{check.name:<14} {f'NOT CHECKED: {check.problem}' if check.problem else outcome}")
        for difference in check.differences:
            print(f"    {difference}", flush=True)
        yield check


def add_arguments(result: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    add_configfile(result)
    add_config(result)
    result.add_argument("--json", action="store_true", help="the checks as JSON")
    result.set_defaults(status_of_mistakes=2)
