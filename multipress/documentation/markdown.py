"""Markdown that GitHub and the site show alike."""

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown of one line."""
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def plain(text: str) -> str:
    """Text in one line in which nothing means something to Markdown but code in single backticks."""
    words = " ".join(text.replace("``", "`").split())
    parts = words.split("`")
    parts[::2] = [_escaped(part) for part in parts[::2]]
    parts[1::2] = [part.replace("|", "\\|") for part in parts[1::2]]
    return "`".join(parts)


def _escaped(text: str) -> str:
    for character, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("*", "\\*"), ("[", "\\[")):
        text = text.replace(character, instead)
    return text


def code(text: str) -> str:
    """The text as code."""
    return f"`{text}`".replace("|", "\\|")


def block(text: str) -> str:
    """The lines as a block of code."""
    return f"```text\n{text.strip()}\n```"
