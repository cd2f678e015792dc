"""A table of results as it is known before it is made: its columns, and where the report shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A CSV file in the results' folder ``tables``."""

    name: str
    """Name of the file without its ending."""
    page: str
    """The report's page of tables that shows it."""
    heading: str
    """Its heading on that page."""
    columns: tuple[str, ...]
    """Columns that the table always has, and that its readers demand; there may be more."""
    first: tuple[str, ...] = ()
    """Columns that a page shows before all others: what is in sight of a wide table; empty: as they come."""
    text: tuple[str, ...] = ()
    """Columns that stay text even where every cell is a number, such as an architecture called 007."""

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.csv"
