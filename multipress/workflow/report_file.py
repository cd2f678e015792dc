"""The report of a finished run: Snakemake makes the file, and captions are put beside what they belong to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from multipress.core.errors import UserError
from multipress.workflow.environment import ROOT

SCRIPT = ROOT / "report" / "captions.js"
_END = "</body>"


@contextmanager
def being_made(report: Path) -> Iterator[Path]:
    """The file beside it that Snakemake is to write; with captions it takes the report's place once it is whole.

    Raises:
        UserError: what was written is no report.
    """
    # Snakemake writes straight into the file that it is given, whose name must end so.
    made = report.with_name(f".{report.stem}.{os.getpid()}{report.suffix}")
    try:
        yield made
        _add_captions(made)
        made.replace(report)
    finally:
        made.unlink(missing_ok=True)


def _add_captions(report: Path) -> None:
    """Add the script that shows captions."""
    script = f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>\n"
    before, found, after = report.read_text(encoding="utf-8").rpartition(_END)
    if not found:
        raise UserError(f"{report} is no report of Snakemake's: make it again")
    report.write_text(f"{before}{script}{_END}{after}", encoding="utf-8")
