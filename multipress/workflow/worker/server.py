"""The worker: loads libraries once and forks a child for each job that a launcher hands over.

    python -m multipress.workflow.worker.server SOCKET DESCRIPTOR

SOCKET lies in a folder of its own, which is removed at the end; DESCRIPTOR is that of the open socket. Standard input
is a pipe from the run; when it closes, because the run has ended or was killed, the worker takes no more jobs and ends
with the last one. It touches no GPU, and goes on only if the libraries have started no thread.
"""

import gc
import os
import select
import shutil
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from multipress.core.processes import end_at_once
from multipress.workflow.worker.child import Origin, execute
from multipress.workflow.worker.libraries import load
from multipress.workflow.worker.messages import STATUS, send_number


class Server:
    """Waits for launchers, for the ends of children, and for the end of the run."""

    def __init__(self, listener: socket.socket, run: int) -> None:
        """Listen while the pipe ``run`` is open."""
        self._origin = Origin.current()
        self._launchers: dict[int, socket.socket] = {}
        self._run = run
        self._listener = listener
        self._ended, self._wake = socket.socketpair()
        for end in (self._ended, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._take_no_more)
        self._accepting = True

    def serve(self) -> None:
        """Fork children until the run has ended, and the last of them."""
        while self._accepting or self._launchers:
            if not self._accepting:
                self._listener.close()  # who waits there starts by itself
            ready = {number for number, _ in self._poll().poll()}
            for process, launcher in self._launchers.items():  # first, for a number that is freed is given anew
                if launcher.fileno() in ready:
                    _kill(process)
            if self._ended.fileno() in ready:
                self._reap()
            if self._accepting and self._run in ready:
                self._accepting = bool(os.read(self._run, 1))
            elif self._accepting and self._listener.fileno() in ready:
                self._fork(self._listener.accept()[0])

    def _poll(self) -> select.poll:
        """What is waited for; of a launcher, whose request the child reads, its end alone."""
        poll = select.poll()
        poll.register(self._ended, select.POLLIN)
        if self._accepting:
            poll.register(self._run, select.POLLIN)
            poll.register(self._listener, select.POLLIN)
        for launcher in self._launchers.values():
            poll.register(launcher, select.POLLRDHUP)
        return poll

    def _fork(self, launcher: socket.socket) -> None:
        process = os.fork()
        if not process:
            try:
                self._let_go()
                execute(launcher, self._origin)
            finally:
                os._exit(1)  # whatever happened, a child never goes on as the worker
        self._launchers[process] = launcher

    def _let_go(self) -> None:
        """In a child: keep nothing of the worker's."""
        signal.set_wakeup_fd(-1)
        for other in (self._listener, self._ended, self._wake, *self._launchers.values()):
            other.close()

    def _reap(self) -> None:
        """Tell the launchers of all children that have ended."""
        self._ended.recv(4096)
        while self._launchers:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            with self._launchers.pop(process) as launcher, suppress(OSError):  # it may have been killed
                send_number(launcher, STATUS, status)

    def _take_no_more(self, number: int, frame: FrameType | None) -> None:
        self._accepting = False


def _nothing(number: int, frame: FrameType | None) -> None:
    """The number has been written to the wakeup socket; that is enough."""


def _kill(process: int) -> None:
    """Kill a child, and what it has started."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):  # it may have no group of its own yet, or have ended
            kill(process, signal.SIGKILL)


def main() -> None:
    """Load the libraries, and serve."""
    place, descriptor = sys.argv[1:]
    try:
        server = Server(socket.socket(fileno=int(descriptor)), sys.stdin.fileno())
        load()
        if len(list(Path("/proc/self/task").iterdir())) > 1:
            sys.exit("multipress: a library has started a thread, so each job starts by itself")
        gc.collect()
        gc.freeze()  # children then leave the pages of what is loaded shared
        server.serve()
    finally:
        shutil.rmtree(Path(place).parent, ignore_errors=True)
    end_at_once(0)


if __name__ == "__main__":
    main()
