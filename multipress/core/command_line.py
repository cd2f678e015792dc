"""What commands and rules' scripts share: one-line errors, and a clean end on signals and on a closed pipe."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from multipress.core.errors import Interrupted, UserError, explain_out_of_memory, is_out_of_memory

if TYPE_CHECKING:
    from pydantic import BaseModel

Params = TypeVar("Params", bound="BaseModel")

OUTPUT = "output_dir"
"""The argument that names the folder in which a command writes."""


def add_paths(to: argparse.ArgumentParser, **arguments: str) -> None:
    """Add a required path argument for each keyword; its value is the help text."""
    for name, text in arguments.items():
        kind = output_folder if name == OUTPUT else Path
        to.add_argument(f"--{name.replace('_', '-')}", type=kind, required=True, metavar="PATH", help=text)


def output_folder(text: str) -> Path:
    """The folder that an argument names, which need not be there yet: what ``type=`` of such an argument takes."""
    try:
        is_other = Path(text).exists() and not Path(text).is_dir()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be a folder ({error.strerror}): name another") from None
    if is_other:
        raise argparse.ArgumentTypeError(f"{text} is no folder: name one, or one that is to be made")
    return Path(text)


def run_command(main: Callable[[argparse.Namespace], None], arguments: argparse.ArgumentParser) -> argparse.Namespace:
    """Parse the command line and call ``main(arguments)``; what was parsed.

    It exits with 1 on a user's mistake, or with the default ``status_of_mistakes`` of the arguments, if they have one;
    with 143 on SIGTERM, and with 129 on SIGHUP, unless that is ignored. Where nobody reads the output any more it ends
    silently, as other programs do.
    """
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, _terminate)
    with _quiet_on_closed_pipe():
        parsed = arguments.parse_args()
        try:
            _run(main, parsed)
        except (SystemExit, KeyboardInterrupt) as end:
            # Also where a second signal was faster than the end that the first one had begun.
            interrupted = _interruption(end)
            if interrupted is None:
                raise
            remark(str(interrupted))
            sys.exit(interrupted.exit_code)
    return parsed


def _run(main: Callable[[argparse.Namespace], None], parsed: argparse.Namespace) -> None:
    try:
        main(parsed)
    except UserError as error:
        remark(f"error: {error}")
        sys.exit(getattr(parsed, "status_of_mistakes", 1))
    except Interrupted as error:
        _ignore_more()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(f"{_program()}: interrupted")
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        remark(f"error: {explain_out_of_memory(error)}")
        sys.exit(1)


def _interruption(error: BaseException | None) -> Interrupted | None:
    """That in whose course an exception was raised; None if there was none."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__context__
    return error


def remark(*lines: str) -> None:
    """Tell the user on stderr, a line for each that is not empty, with the command's name."""
    for line in filter(None, lines):
        print(f"{_program()}: {line}", file=sys.stderr)


def _program() -> str:
    return Path(sys.argv[0]).stem


def validated(text: str, model: type[Params]) -> Params:
    """The value of ``--params``, JSON.

    Raises:
        UserError: a key or a value of it is wrong.
    """
    from pydantic import ValidationError

    from multipress.core.validation import explain

    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise UserError(explain(error, model, "--params")) from None


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


def _terminate(signum: int, frame: FrameType | None) -> None:
    _ignore_more()
    with suppress(OSError):  # a terminal that was closed
        print(f"terminated: {signal.Signals(signum).name} received", file=sys.stderr, flush=True)
    sys.exit(128 + signum)


def _ignore_more() -> None:
    """Whoever sent one may send another: the end that has begun is not to be interrupted."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
