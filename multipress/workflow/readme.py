"""README's generated tables: print them, or with --write bring README up to date."""

import argparse

from multipress.compression.method import Method
from multipress.compression.registry import methods
from multipress.workflow.environment import ROOT
from multipress.workflow.staleness import markdown

README = ROOT / "README.md"


def steps() -> str:
    """The steps of recipes, as the specs of their methods have them."""
    lines = ["| step | what it does | section | in subsets |", "|---|---|---|---|"]
    return "\n".join([*lines, *map(_step, methods().values())])


def _step(method: Method) -> str:
    summary = (method.settings.__doc__ or "").partition(": ")[2].splitlines()[0].rstrip(".")
    allowed = "" if method.argument is method.control is None else f" ({method.allowed})"
    return f"| `{method.expected}` | {summary}{allowed} | `{method.name}` | {method.label or '–'} |"


PARTS = {"steps": steps, "what reruns": markdown.table}
"""By the names in README's markers, ``<!-- steps: begin -->`` and ``<!-- steps: end -->``."""


def updated(text: str) -> str:
    """README with its tables as they should be."""
    for name, make in PARTS.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return text


def main() -> None:
    """Print or write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="put the tables into README.md")
    if arguments.parse_args().write:
        README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print("\n\n".join(make() for make in PARTS.values()))


if __name__ == "__main__":
    main()
