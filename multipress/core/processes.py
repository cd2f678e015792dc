"""The end of a process."""

import atexit
import os
import sys
import threading
from typing import NoReturn


def end_at_once(status: int) -> NoReturn:
    """End as Python does, with threads joined, exit functions called and streams flushed, but without taking apart what
    is loaded: with PyTorch that takes half a second.

    Where a stream cannot be flushed the status is 120, as Python has it.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            status = status or 120
    os._exit(status)
