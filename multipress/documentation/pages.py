"""The pages with parts that are made from the code, and which part is where.

A part stands between two comments, ``<!-- steps: begin -->`` and ``<!-- steps: end -->``.
"""

from collections.abc import Callable, Mapping

from multipress.documentation.columns import columns
from multipress.documentation.commands import commands
from multipress.documentation.configuration import configuration
from multipress.documentation.steps import methods_in_detail, steps
from multipress.workflow.environment import ROOT
from multipress.workflow.staleness import markdown

FOLDER = ROOT / "docs" / "reference"
PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "columns.md": {"columns": columns},
    "commands.md": {"commands": commands},
    "configuration.md": {"configuration": configuration},
    "reruns.md": {"what reruns": markdown.table},
    "steps.md": {"steps": steps, "methods": methods_in_detail},
}
"""By the page's name, then the part's."""


def updated(page: str) -> str:
    """A page with its parts as they should be."""
    text = (FOLDER / page).read_text(encoding="utf-8")
    for name, make in PARTS[page].items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{make()}\n\n{end}{rest.split(end)[1]}"
    return text


def write() -> list[str]:
    """Bring every page up to date; the names of those that were not."""
    changed = []
    for page in PARTS:
        text = updated(page)
        if text != (FOLDER / page).read_text(encoding="utf-8"):
            (FOLDER / page).write_text(text, encoding="utf-8")
            changed.append(page)
    return changed
