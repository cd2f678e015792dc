"""What a launcher and the worker tell each other over a Unix socket.

A launcher sends its standard streams, the length of a request, and the request. The worker's child answers with its
process id, or 0 if it declines; after its end, which may come before it has answered, the worker sends its wait status.
Either side's end closes the socket.
"""

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass

LENGTH = struct.Struct("!Q")
PROCESS, STATUS = b"p", b"s"
"""What a number tells: a process id, or a wait status."""
_NUMBER = struct.Struct("!cI")
STREAMS = 3

SOCKET = "MULTIPRESS_WORKER"
"""Of the environment: the socket of the run's worker."""

THREADS = (
    "OMP_NUM_THREADS",
    "GOTO_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Variables that Snakemake sets to a job's threads."""

NO_THREADS = {**dict.fromkeys(THREADS, "1"), "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Of the worker, so that no library starts a thread: one that holds a lock at a fork never gives it back."""

FREE = {"TMPDIR", "TMP", "TEMPDIR", "TEMP", "PWD", "OLDPWD", "SHLVL", "_", "MULTIPRESS_PLAN", SOCKET, *NO_THREADS}
"""Variables that a job may have otherwise than the worker: no library reads them while it is loaded, but for those of
threads, which a child sets anew."""


@dataclass(frozen=True)
class Request:
    """A job: ``python -m MODULE ARGUMENTS`` in a folder and an environment."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]


def send(connection: socket.socket, request: Request) -> None:
    """Send a request with the standard streams of this process."""
    text = json.dumps(asdict(request)).encode()
    data = LENGTH.pack(len(text)) + text
    sent = socket.send_fds(connection, [data], list(range(STREAMS)))
    connection.sendall(data[sent:])


def receive(connection: socket.socket) -> tuple[Request, list[int]]:
    """A request and the standard streams of who sent it.

    Raises:
        OSError: it is gone before all has come.
    """
    data, streams, _, _ = socket.recv_fds(connection, LENGTH.size, STREAMS)
    data += receive_exactly(connection, LENGTH.size - len(data))
    return Request(**json.loads(receive_exactly(connection, *LENGTH.unpack(data)))), streams


def receive_exactly(connection: socket.socket, size: int) -> bytes:
    """As many bytes.

    Raises:
        OSError: the other side is gone before they have come.
    """
    data = connection.recv(size, socket.MSG_WAITALL) if size else b""
    if len(data) < size:
        raise ConnectionError("the other side has gone")
    return data


def send_number(connection: socket.socket, kind: bytes, number: int) -> None:
    """Send a number of a kind.

    Raises:
        OSError: the other side is gone.
    """
    connection.sendall(_NUMBER.pack(kind, number))


def receive_number(connection: socket.socket, kind: bytes) -> int:
    """A number of that kind.

    Raises:
        OSError: the other side is gone before it has come, or sends one of another kind.
    """
    found, number = _NUMBER.unpack(receive_exactly(connection, _NUMBER.size))
    if found != kind:
        raise ConnectionError("the job ended before it began")
    return int(number)


def same_libraries(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    """Whether libraries that were loaded in the worker's environment can be made as if they had been in a job's."""
    says_threads = all(theirs.get(name, "").isdecimal() for name in THREADS)
    return says_threads and all(ours.get(name) == theirs.get(name) for name in (ours.keys() | theirs.keys()) - FREE)
