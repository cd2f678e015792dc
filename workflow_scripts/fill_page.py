"""Bring the tables of a page of results up to date, from the published runs beside it.

python -m workflow_scripts.fill_page docs/results/extreme.md

A table stands between markers: <!-- xtc-six scores: begin --> and <!-- xtc-six scores: end -->.
"""

import argparse
from pathlib import Path

from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.reporting.study_tables import filled
from workflow_scripts._command import run_command

RUNS = "data"
"""The folder of published runs beside a page."""


def main(arguments: argparse.Namespace) -> None:
    """Write the page anew, if it changes."""
    page: Path = arguments.page
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{page} cannot be read ({error.strerror}): name a Markdown file") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{page} is not UTF-8 ({error.reason} at byte {error.start}): save it as UTF-8") from None
    try:
        made = filled(text, page.parent / RUNS)
    except UserError as error:
        raise UserError(f"{page}: {error}") from None
    if made == text:
        print(f"{page} is up to date")
        return
    with replacing(page) as temporary:
        temporary.write_text(made, encoding="utf-8")


def _arguments() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("page", type=Path, help="the page, a Markdown file")
    return result


if __name__ == "__main__":
    run_command(main, _arguments())
