"""Numbers and times as people say them."""


def counted(count: int, thing: str, plural: str = "") -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{count:,} {thing if count == 1 else plural or f'{thing}s'}"


def some(names: list[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def duration(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"
