"""Several things in a line."""


def listed(things: list[str], most: int = 4) -> str:
    """The first of them, and how many more there are; empty if there is none."""
    more = f"; and {len(things) - most} more" if len(things) > most else ""
    return "; ".join(things[:most]) + more
