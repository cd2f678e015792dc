"""A child of the worker: becomes what ``python -m MODULE`` would be, but for the libraries that are loaded already.

Of this project's modules it has none loaded: it executes the code as it lies there.
"""

import ctypes
import importlib
import os
import runpy
import signal
import socket
import sys
import tempfile
from typing import NamedTuple, NoReturn

from multipress.core.processes import end_at_once
from multipress.workflow.code.digest import PACKAGES
from multipress.workflow.worker.messages import PROCESS, THREADS, Request, receive, same_libraries, send_number

_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux."""


class Origin(NamedTuple):
    """What a child has to know of the worker: how it was before it served."""

    process: int
    environment: dict[str, str]
    ignored_signals: tuple[int, ...]
    """Those that the run was told to ignore, as by nohup."""

    @classmethod
    def current(cls) -> "Origin":
        """This process as it is now."""
        numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
        ignored = tuple(number for number in numbers if signal.getsignal(number) == signal.SIG_IGN)
        return cls(os.getpid(), dict(os.environ), ignored)

    def changed_by_libraries(self) -> dict[str, str]:
        """Variables that libraries have set while they were loaded."""
        return {name: value for name, value in os.environ.items() if self.environment.get(name) != value}


def execute(launcher: socket.socket, origin: Origin) -> NoReturn:
    """Execute the job that a launcher asks for, in this process, and end it."""
    os.setpgid(0, 0)
    _restore_signals(origin)
    _end_with(origin.process)
    try:
        request, streams = receive(launcher)
    except OSError:
        os._exit(1)
    accepted = same_libraries(origin.environment, request.environment)
    # The socket stays open: if the worker dies, the launcher sees it close only once this process has ended too.
    send_number(launcher, PROCESS, os.getpid() if accepted else 0)
    if not accepted:
        os._exit(0)
    end_at_once(_run(request, streams, origin.changed_by_libraries()))


def _restore_signals(origin: Origin) -> None:
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for ignored in origin.ignored_signals:
        signal.signal(ignored, signal.SIG_IGN)


def _end_with(parent: int) -> None:
    """Let this process be killed when its parent dies."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def _become(request: Request, streams: list[int], variables: dict[str, str]) -> None:
    """Make this process what the request describes."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    _set_threads(int(request.environment[THREADS[0]]))
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment | variables)
    tempfile.tempdir = None
    for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path[0] = request.folder
    sys.argv = [request.module, *request.arguments]
    sys.orig_argv = [sys.executable, "-m", *sys.argv]


def _set_threads(number: int) -> None:
    """As the variables of the environment do where libraries are loaded with them; the worker has loaded them for 1."""
    if number > 1:
        from threadpoolctl import threadpool_limits  # which sets a variable when it is imported

        threadpool_limits(number)


def _run(request: Request, streams: list[int], variables: dict[str, str]) -> int:
    """Execute the job as ``python -m`` does; the exit status."""
    try:
        _become(request, streams, variables)
        runpy.run_module(request.module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return 128 + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return 0
