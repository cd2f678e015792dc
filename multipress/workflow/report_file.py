"""The report of a finished run: Snakemake makes the file, and captions are put beside what they belong to."""

from pathlib import Path

from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.workflow.environment import ROOT

SCRIPT = ROOT / "report" / "captions.js"
_END = "</body>"


def add_captions(report: Path) -> None:
    """Add the script that shows captions, once.

    Raises:
        UserError: the file is no report.
    """
    text, script = report.read_text(encoding="utf-8"), f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>\n"
    if script in text:
        return
    before, found, after = text.rpartition(_END)
    if not found:
        raise UserError(f"{report} is no report of Snakemake's: delete it and make it again")
    with replacing(report) as temporary:
        temporary.write_text(f"{before}{script}{_END}{after}", encoding="utf-8")
