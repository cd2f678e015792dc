"""What a run calls to have a worker."""

import atexit
import os
import shlex
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from multipress.workflow.worker.messages import NO_THREADS, SOCKET

WORTHWHILE = 2
"""Jobs from which on starting a worker takes less time than it saves."""

_LAUNCHER = "multipress.workflow.worker.launcher"
_SECONDS_TO_END = 5.0


class Worker:
    """A worker that ends with this process, however that ends."""

    def __init__(self) -> None:
        """Start it; jobs may come at once, and wait until its libraries are loaded.

        Raises:
            OSError: the folder for temporary files is full, or its name too long for a socket.
        """
        folder = tempfile.mkdtemp(prefix="multipress-")
        self.place = Path(folder, "worker")
        with socket.socket(socket.AF_UNIX) as listener:
            try:
                listener.bind(str(self.place))
            except OSError:
                Path(folder).rmdir()
                raise
            listener.listen(128)
            number = listener.fileno()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "multipress.workflow.worker.server", str(self.place), str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=os.environ | NO_THREADS,
                pass_fds=[number],
                process_group=0,  # Ctrl-C is for jobs, whose launchers forward it
            )

    def end(self) -> None:
        """Let it end, and wait until it has."""
        assert self.process.stdin
        self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_SECONDS_TO_END)

    @property
    def for_shell(self) -> str:
        """Lines for a job's shell that let its ``python -m`` go to the worker."""
        return f'export {SOCKET}={shlex.quote(str(self.place))}; python() {{ command python -m {_LAUNCHER} "$@"; }}; '


def start() -> str:
    """Start a worker for as long as this process lives; only Linux ends its children with it.

    Returns: lines for the shells of jobs; none, with a word on standard error, where a worker cannot be started.
    """
    if sys.platform != "linux":
        return ""
    try:
        worker = Worker()
    except OSError as error:
        print(f"multipress: each job loads its libraries itself, for a worker cannot start: {error}", file=sys.stderr)
        return ""
    atexit.register(worker.end)
    return worker.for_shell
