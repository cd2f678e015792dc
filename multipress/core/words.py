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


def points(number: float, decimals: int | None = None) -> str:
    """``1 point``, ``0.5 points``; with decimals ``1.00 points``."""
    text = f"{number:,g}" if decimals is None else f"{number:z.{decimals}f}"
    return f"{text} point{'' if text == '1' else 's'}"


def change(loss: float, at_most: float | None = None) -> str:
    """``loses 0.30 points, at most 0.80``; where the loss is below 0, ``gains 0.30 points, loses at most 0.20``."""
    gains = round(loss, 2) < 0
    limit = "" if at_most is None else f", {'loses ' if gains else ''}at most {at_most:z.2f}"
    return f"{'gains' if gains else 'loses'} {points(abs(loss), 2)}{limit}"
