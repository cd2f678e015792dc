"""Call a function in a process of its own."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

from multipress.core.errors import UserError


def call_in_own_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """What ``function`` returns, from a fresh interpreter that inherits nothing and ends with this one, even if killed.

    Raises:
        UserError: the function raised it, or the process died; what else it raised stands on standard error.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_result, args=(sender, function, arguments), daemon=True)
    process.start()
    sender.close()
    try:
        result = receiver.recv()
    except EOFError:
        process.join()
        raise UserError(
            f"the process of {function.__name__}{arguments[-2:]} ended with exit status {process.exitcode} and no "
            "result; -9 mostly means that memory ran out"
        ) from None
    process.join()
    if isinstance(result, UserError):
        raise result
    return result


def _send_result(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        sender.send(function(*arguments))
    except UserError as error:
        sender.send(error)


def _end_with_parent() -> None:
    """A killed parent ends no process by itself: one that went on would slow down what is started in its place."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
