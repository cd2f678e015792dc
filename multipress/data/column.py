"""A column of a source file that knows where its values stand."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow

from multipress.core.errors import UserError


@dataclass(frozen=True)
class Column:
    """Values with the names that error messages need."""

    file: str
    name: str
    values: pyarrow.Array
    """Strings of any kind are ``string`` here; other values have the file's type."""
    place: Callable[[int], str]
    """Where the value of a 0-based row stands: line and column as an editor counts them, or the row from 1."""

    def refuse(self, row: int, found: str, allowed: str) -> UserError:
        """The error for a value in a 0-based row."""
        return UserError(f"{self.file}, {self.place(row)}: {found}; {allowed}")
