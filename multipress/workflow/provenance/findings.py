"""The findings of an audit: differences, each with what was expected and what was found."""

from typing import NamedTuple


class Difference(NamedTuple):
    """Something that is not as it was recorded."""

    location: str
    """A file, and where in it."""
    expected: str
    found: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.location}: expected {self.expected}, found {self.found}"


class Check(NamedTuple):
    """The outcome of one check."""

    name: str
    passed_message: str
    """What holds where nothing differs."""
    differences: list[Difference]
    problem: str = ""
    """Why it could not be made; empty if it was."""
