"""Ctrl-C and SIGTERM end Snakemake at once while it plans, and never leave it waiting for itself.

Snakemake plans within asyncio, which answers the first Ctrl-C at the next pause only: with many jobs a minute later.
And its own handler of SIGTERM takes a lock that the same thread may hold, which then waits for ever.
"""

import signal
import sys
import threading
from types import FrameType


def stop_planning_at_once() -> None:
    """Let Ctrl-C end the process with one line until ``give_back`` is called.

    asyncio puts its own handler in the place of Python's alone.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _stop)


def give_back() -> None:
    """Let Ctrl-C interrupt again as Python does by itself."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def end_dry_run_at_once() -> None:
    """Let SIGTERM end a dry run, which has no jobs to wait for."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def wait_for_jobs_aside() -> None:
    """Let a thread of its own answer SIGTERM as Snakemake does: it may wait for a lock of the interrupted one."""
    answer = signal.getsignal(signal.SIGTERM)
    if callable(answer):
        signal.signal(
            signal.SIGTERM,
            lambda number, frame: threading.Thread(target=answer, args=(number, None), daemon=True).start(),
        )


def _stop(number: int, frame: FrameType | None) -> None:
    print("multipress: stopped while planning; nothing was started", file=sys.__stderr__, flush=True)
    sys.exit(128 + number)
