"""What all commands share, one-line errors and a clean end on signals, and what rules' scripts do: --params."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from multipress.core.errors import Interrupted, UserError
from multipress.core.processes import end_at_once
from multipress.core.usage import write_usage
from multipress.core.validation import explain

Params = TypeVar("Params", bound=BaseModel)
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


def add_paths(to: argparse.ArgumentParser, **arguments: str) -> None:
    """Add a required path argument for each keyword; its value is the help text."""
    for name, text in arguments.items():
        to.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True, metavar="PATH", help=text)


def run(
    main: Callable[[Params, argparse.Namespace], None], model: type[Params], arguments: argparse.ArgumentParser
) -> None:
    """Run a rule's script: ``run_command`` with the validated ``--params`` before the arguments."""
    run_command(lambda parsed: main(_validated(parsed.params, model), parsed), arguments)


def run_command(
    main: Callable[[argparse.Namespace], None], arguments: argparse.ArgumentParser, status: int = 1
) -> None:
    """Parse the command line, call ``main(arguments)``, and exit: ``status`` on a user's mistake, 143 on SIGTERM.

    It exits with 129 on SIGHUP, unless that is ignored. Where nobody reads the output any more it ends silently, as
    other programs do.
    """
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, _terminate)
    with _quiet_on_closed_pipe():
        parsed = arguments.parse_args()
        try:
            _run(main, parsed, status)
        except (SystemExit, KeyboardInterrupt) as end:
            # Also where a second signal was faster than the end that the first one had begun.
            interrupted = _interruption(end)
            if interrupted is None:
                raise
            remark(str(interrupted))
            sys.exit(interrupted.exit_code)
    if _is_planned(parsed):
        end_at_once(0)


def _run(main: Callable[[argparse.Namespace], None], parsed: argparse.Namespace, status: int) -> None:
    name = Path(sys.argv[0]).stem
    try:
        _as_planned(main, parsed)
    except UserError as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        sys.exit(status)
    except Interrupted as error:
        _ignore_more()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted")


def _interruption(error: BaseException | None) -> Interrupted | None:
    """That in whose course an exception was raised; None if there was none."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__context__
    return error


def remark(*lines: str) -> None:
    """Tell the user on stderr, a line for each that is not empty, with the command's name."""
    for line in filter(None, lines):
        print(f"{Path(sys.argv[0]).stem}: {line}", file=sys.stderr)


def _as_planned(main: Callable[[argparse.Namespace], None], parsed: argparse.Namespace) -> None:
    """Call ``main``; a job of a run refuses code, tables and sources that are not those of its plan."""
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


@contextmanager
def _quiet_on_closed_pipe() -> Iterator[None]:
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # what was printed last may be the first to find the pipe closed
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more
        sys.exit(128 + signal.SIGPIPE)


def _validated(text: str, model: type[Params]) -> Params:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise UserError(explain(error, model, "--params")) from None


def _terminate(signum: int, frame: FrameType | None) -> None:
    _ignore_more()
    with suppress(OSError):  # a terminal that was closed
        print(f"terminated: {signal.Signals(signum).name} received", file=sys.stderr, flush=True)
    sys.exit(128 + signum)


def _ignore_more() -> None:
    """Whoever sent one may send another: the end that has begun is not to be interrupted."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
