"""Extras of the package: what some of it imports and its base does not bring."""

from collections.abc import Iterator
from contextlib import contextmanager

from multipress.core.errors import UserError


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """A block whose imports this extra brings.

    Raises:
        UserError: one of them is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module == "multipress":  # which no extra brings
            raise
        remedy = f"pip install 'multipress[{extra}]'"
        raise UserError(f"this needs {module}, which is not installed: {remedy}") from None
