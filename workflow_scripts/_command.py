"""What all commands share, one-line errors and a clean end on SIGTERM, and what rules' scripts do: --params."""

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from multipress.core.errors import Interrupted, UserError
from multipress.core.validation import explain

Params = TypeVar("Params", bound=BaseModel)


def parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser with ``--params``; scripts add their paths to it."""
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument(
        "--params", required=True, metavar="JSON", help="the part of the configuration that the result depends on"
    )
    return result


def add_paths(to: argparse.ArgumentParser, **arguments: str) -> None:
    """Add a required path argument for each keyword; its value is the help text."""
    for name, text in arguments.items():
        to.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True, metavar="PATH", help=text)


def run(
    main: Callable[[Params, argparse.Namespace], None], model: type[Params], arguments: argparse.ArgumentParser
) -> None:
    """Run a rule's script: ``run_command`` with the validated ``--params`` before the arguments."""
    run_command(lambda parsed: main(_validated(parsed.params, model), parsed), arguments)


def run_command(main: Callable[[argparse.Namespace], None], arguments: argparse.ArgumentParser) -> None:
    """Parse the command line, call ``main(arguments)``, and exit: 1 on a user's mistake, 143 on SIGTERM."""
    signal.signal(signal.SIGTERM, _terminate)
    parsed = arguments.parse_args()
    name = Path(sys.argv[0]).stem
    try:
        main(parsed)
    except UserError as error:
        sys.exit(f"{name}: error: {error}")
    except Interrupted as error:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted")


def remark(*lines: str) -> None:
    """Tell the user on stderr, a line for each that is not empty, with the command's name."""
    for line in filter(None, lines):
        print(f"{Path(sys.argv[0]).stem}: {line}", file=sys.stderr)


def _validated(text: str, model: type[Params]) -> Params:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise UserError(explain(error, model, "--params")) from None


def _terminate(signum: int, frame: FrameType | None) -> None:
    # A scheduler may send it again: the end that has begun is not to be interrupted.
    signal.signal(signum, signal.SIG_IGN)
    print("terminated: SIGTERM received", file=sys.stderr, flush=True)
    sys.exit(128 + signum)
