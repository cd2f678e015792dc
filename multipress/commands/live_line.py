"""A line at the foot of a terminal that says what is going on; where there is no terminal, nothing but plain lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from multipress.workflow.followed_run import Say

_PLAIN: Say = partial(print, flush=True)


@contextmanager
def live_line() -> Iterator[tuple[Say, Say]]:
    """Two functions: one says a line that stays, the other shows what is going on now, in place of what it showed."""
    if not sys.stdout.isatty():
        yield _PLAIN, lambda text: None
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    with console.status("") as status:
        yield partial(console.print, markup=False), lambda text: status.update(_escaped(text))


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
