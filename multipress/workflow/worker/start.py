"""What a run calls to have a worker."""

import os
import shlex
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from multipress.workflow.worker.messages import NO_THREADS, SOCKET

WORTHWHILE = 2
"""Jobs from which on starting a worker takes less time than it saves."""

_LAUNCHER = "multipress.workflow.worker.launcher"


class Worker:
    """A worker that ends with this process, however that ends."""

    def __init__(self) -> None:
        """Start it; jobs may come at once, and wait until its libraries are loaded."""
        self.place = Path(tempfile.mkdtemp(prefix="multipress-"), "worker")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.place))
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

    @property
    def for_shell(self) -> str:
        """Lines for a job's shell that let its ``python -m`` go to the worker."""
        return f'export {SOCKET}={shlex.quote(str(self.place))}; python() {{ command python -m {_LAUNCHER} "$@"; }}; '


def is_possible(executor: str) -> bool:
    """Whether jobs of such an executor can be forked here."""
    return executor == "local" and sys.platform == "linux"
