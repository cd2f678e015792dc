"""What all rules' scripts share: --params, and how a job of a run proves that it is as planned."""

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from multipress.core import command_line
from multipress.core.command_line import Params, add_paths, validated
from multipress.core.processes import end_at_once
from multipress.core.usage import write_usage

__all__ = ["add_code", "add_paths", "parser", "run", "run_command"]

_PLAN = "MULTIPRESS_PLAN"
"""Of the environment: where a job finds what its run was planned with; rules set it."""


def parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser with ``--params`` and what ``add_code`` adds; scripts add their paths to it."""
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument(
        "--params", required=True, metavar="JSON", help="the part of the configuration that the result depends on"
    )
    add_code(result)
    return result


def add_code(to: argparse.ArgumentParser) -> None:
    """Add the arguments by which a job of a run proves that it is as planned, and says what it cost."""
    to.add_argument(
        "--code", metavar="DIGEST", help="digest of the code that was planned; a state of other code is not used"
    )
    to.add_argument("--usage", type=Path, metavar="PATH", help="file for what the job cost: seconds, memory, bytes")


def run(
    main: Callable[[Params, argparse.Namespace], None], model: type[Params], arguments: argparse.ArgumentParser
) -> None:
    """Run a rule's script: ``run_command`` with the validated ``--params`` before the arguments."""
    run_command(lambda parsed: main(validated(parsed.params, model), parsed), arguments)


def run_command(main: Callable[[argparse.Namespace], None], arguments: argparse.ArgumentParser) -> None:
    """As ``command_line.run_command``; a job of a run refuses code, tables and sources that are not those planned."""
    if _is_planned(command_line.run_command(partial(_as_planned, main), arguments)):
        end_at_once(0)


def _as_planned(main: Callable[[argparse.Namespace], None], parsed: argparse.Namespace) -> None:
    if not _is_planned(parsed):
        return main(parsed)
    from multipress.workflow.code.plan import JobCheck

    check = JobCheck(Path(os.environ[_PLAN]), parsed.code, vars(parsed).values())
    main(parsed)
    check.at_end()
    if parsed.usage:
        write_usage(parsed.usage)
    return None


def _is_planned(parsed: argparse.Namespace) -> bool:
    """Whether this is a job of a run."""
    return bool(getattr(parsed, "code", None)) and _PLAN in os.environ
