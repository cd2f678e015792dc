"""Commands of this Python, each in a process of its own that need not import first what all of them import.

A new interpreter takes a second to import Snakemake. Here one imports it, and is forked for each command: with the
command's folder, environment and arguments, to the end that a new one would come to. Modules of this project are not
imported beforehand, so that a command takes those of its own folder.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

SHARED = (
    *("dvc.cli", "dvc.commands.data_sync", "dvc.repo", "numpy", "pandas", "pyarrow.parquet", "pydantic"),
    *("safetensors.torch", "scipy.sparse", "scipy.stats", "snakemake.cli", "sqlalchemy", "tokenizers", "torch"),
)
"""What takes long to import, and reads no environment that tests change."""
NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""A thread that holds a lock when the process is forked never gives it back there: nothing above may start one.

onnxruntime does, and so commands import it themselves.
"""
PATIENCE = 900
"""Seconds after which a command is ended by SIGALRM."""
STREAMS = ("stdin", "stdout", "stderr")


def run(command, *, cwd=None, env=None, lines=b""):
    """As ``subprocess.run`` of ``python -m …`` with captured output; its streams are bytes."""
    python, option, *words = command
    assert (python, option) == (sys.executable, "-m"), command
    with TemporaryDirectory() as name:
        streams = [str(Path(name, stream)) for stream in STREAMS]
        Path(streams[0]).write_bytes(lines)
        request = {"command": [*map(str, words)], "streams": streams}
        request |= {"cwd": str(cwd or Path.cwd()), "env": dict(os.environ if env is None else env)}
        status = _server().run(request)
        output, errors = (Path(stream).read_bytes() for stream in streams[1:])
    return subprocess.CompletedProcess(command, status, output, errors)


def run_text(command, **options):
    """The same; its streams are texts."""
    done = run(command, **options)
    done.stdout, done.stderr = (text.decode().replace("\r\n", "\n") for text in (done.stdout, done.stderr))
    return done


@cache
def _server():
    return _Server()


class _Server:
    """The process that is forked; it ends with the one that started it."""

    def __init__(self):
        (requests, self._requests), (self._replies, replies) = os.pipe(), os.pipe()
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | NO_THREADS
        command = [sys.executable, __file__, str(requests), str(replies)]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, pass_fds=(requests, replies)
        )
        os.close(requests)
        os.close(replies)
        self._replies = os.fdopen(self._replies)
        atexit.register(self._end)

    def run(self, request):
        """Exit status of a command, negative if a signal ended it."""
        os.write(self._requests, f"{len(text := json.dumps(request).encode()):9}".encode() + text)
        return int(self._replies.readline())

    def _end(self):
        os.close(self._requests)
        self._process.wait()


def _serve(requests, replies):
    """Fork for each request; return in the child, with the request."""
    requests, replies = int(requests), int(replies)
    for name in SHARED:
        importlib.import_module(name)
    threads = [task.joinpath("comm").read_text() for task in Path("/proc/self/task").iterdir()]
    assert len(threads) == 1, threads
    gc.freeze()  # a collection in a child would copy all of this
    while length := os.read(requests, 9):
        request = json.loads(_read(requests, int(length)))
        child = os.fork()
        if not child:
            os.close(requests)
            os.close(replies)
            return request
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(replies, f"{status}\n".encode())
    return None


def _read(file, length):
    content = b""
    while len(content) < length:
        content += os.read(file, length - len(content))
    return content


def _become(command, cwd, env, streams):
    """Let this process be as if it had been started with that command."""
    modes = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, (stream, mode) in enumerate(zip(streams, modes, strict=True)):
        os.dup2(os.open(stream, mode), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    modules = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [str(cwd), *modules, *sys.path[1:]]
    importlib.invalidate_caches()
    signal.alarm(PATIENCE)
    sys.argv = command[:]
    sys.orig_argv = [sys.executable, "-m", *command]


if __name__ == "__main__" and (asked := _serve(*sys.argv[1:])):
    _become(**asked)
    runpy.run_module(asked["command"][0], run_name="__main__", alter_sys=True)
