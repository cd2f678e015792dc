"""Interruption by SIGTERM, Ctrl-C or a closed terminal: the step in progress is finished, and the state saved."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

SECONDS = 9.0
"""A scheduler that sends SIGTERM kills soon after; by then the process has ended by itself."""


Handler = Callable[[int, FrameType | None], object] | int | None


class Interruption:
    """Within the block a signal only sets ``requested``; whoever reads it ends in an orderly way, in time."""

    def __init__(self) -> None:
        """Wait for no signal yet."""
        self.requested: signal.Signals | None = None
        self._before: dict[int, Handler] = {}
        self._deadline: threading.Timer | None = None

    def __enter__(self) -> "Interruption":
        """Take over SIGTERM, SIGINT, and SIGHUP unless it is ignored, as under nohup."""
        if threading.current_thread() is threading.main_thread():
            numbers = [signal.SIGTERM, signal.SIGINT]
            numbers += [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else []
            self._before = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back."""
        if self._deadline:
            self._deadline.cancel()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested is None:
            self.requested = signal.Signals(number)
            self._deadline = threading.Timer(SECONDS, _give_up, [self.requested])
            self._deadline.daemon = True
            self._deadline.start()


def _give_up(received: signal.Signals) -> None:
    print(f"{received.name}: no time to save; the last saved state stays", file=sys.stderr, flush=True)
    os._exit(128 + received)
