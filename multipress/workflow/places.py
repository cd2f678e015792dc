"""Where each value of the merged configuration was written."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from multipress.core.validation import Location, Written

Key = tuple[str | int, ...]
"""Names of sections and indices of lists, from the outermost."""


class Mark(NamedTuple):
    """A value in a file or on the command line."""

    where: str
    text: str | None
    """As it is written; None for a list, a section, or on the command line."""
    file: Path | None
    """None for the command line."""


class Places:
    """The values that are known, by their keys."""

    def __init__(self) -> None:
        """Know none yet."""
        self._marks: dict[Key, Mark] = {}

    def add(self, marks: Mapping[Key, Mark], lists: Iterable[Key]) -> None:
        """Take over what another file says; its ``lists`` replace others as a whole."""
        replaced = set(lists)
        self._marks = {key: mark for key, mark in self._marks.items() if not _begins_with_one_of(key, replaced)}
        self._marks |= marks

    def find(self, location: Location) -> Written | None:
        """The place of a key, or of the innermost section around it; None if no file has that."""
        key = tuple(location)
        inner = next((key[:size] for size in range(len(key), 0, -1) if key[:size] in self._marks), None)
        if inner is None:
            return None
        mark = self._marks[inner]
        return Written(mark.where, mark.text if inner == key else None)

    def is_of_command_line(self, *key: str | int) -> bool:
        """Whether the command line says the value of a key."""
        mark = self._marks.get(key)
        return mark is not None and mark.file is None

    def file_of(self, *key: str | int) -> Path | None:
        """The file that says the value of a key; None if none does, or the command line."""
        mark = self._marks.get(key)
        return mark.file if mark else None


def _begins_with_one_of(key: Key, others: set[Key]) -> bool:
    return any(key[:size] in others for size in range(1, len(key) + 1))
