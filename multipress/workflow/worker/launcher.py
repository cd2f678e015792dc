"""Let the run's worker execute a job: ``launcher -m MODULE ARGUMENTS`` is ``python -m MODULE ARGUMENTS``.

Signals are forwarded, and the exit status is the job's. Where no worker answers, or where it declines, this process
becomes the job itself; also when the worker ends before the job, for its child then ends with it.
"""

import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from multipress.workflow.worker.messages import PROCESS, SOCKET, STATUS, Request, receive_number, send

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


class Job:
    """A job that the worker executes, and that gets this process's signals."""

    def __init__(self, connection: socket.socket, process: int) -> None:
        """A job with its process id."""
        self._connection, self._process = connection, process
        self._last_signal = 0
        for number in FORWARDED:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._forward)
        signal.signal(signal.SIGTSTP, self._pause)

    def end_with_it(self) -> None:
        """End as the job ends; return if it was lost with the worker, and may be started again."""
        try:
            status = receive_number(self._connection, STATUS)
        except OSError:
            if self._last_signal:
                _end_by(self._last_signal)
            return
        if os.WIFSIGNALED(status):
            _end_by(os.WTERMSIG(status))
        os._exit(os.WEXITSTATUS(status))

    def _forward(self, number: int, frame: FrameType | None) -> None:
        self._last_signal = number
        self._send(number)

    def _pause(self, number: int, frame: FrameType | None) -> None:
        self._send(signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        with suppress(ProcessLookupError):  # its status may be on the way
            os.kill(self._process, number)


def main() -> None:
    """Hand the job over, or become it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    place = os.environ.pop(SOCKET, "")
    if place:
        _hand_over(place, *sys.argv[2:])
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])


def _hand_over(place: str, module: str, *arguments: str) -> None:
    """End as the job ends; return where it has to be executed here."""
    request = Request(module, list(arguments), str(Path.cwd()), dict(os.environ))
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(place)
            send(connection, request)
            process = receive_number(connection, PROCESS)
        except OSError:
            return
        if process:
            Job(connection, process).end_with_it()
            print(f"the worker ended before {module} did, which now starts by itself", file=sys.stderr, flush=True)


def _end_by(number: int) -> None:
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


if __name__ == "__main__":
    main()
