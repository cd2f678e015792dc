"""Tables as HTML pages that sort, search and open offline: each page brings its own JavaScript (DataTables)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import itables
import pandas as pd
from itables.javascript import generate_init_offline_itables_html
from pandas.api.types import is_numeric_dtype

from multipress.errors import UserError
from multipress.files import replacing

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; font-size: 14px; margin: 12px; color: #222; }}
h2 {{ font-size: 1.1em; margin: 1.2em 0 0.4em; }}
p {{ color: #666; }}
</style>
</head>
<body>
{script}
{tables}
</body>
</html>
"""

_ROWS = 25
"""On one screen; all others are a click away."""


@dataclass(frozen=True)
class Sheet:
    """A table and its heading on the page."""

    heading: str
    table: pd.DataFrame


def read_sheet(path: Path, heading: str) -> Sheet:
    """Any CSV table, its cells as they stand there; NA and empty ones are no numbers.

    Raises:
        UserError: the file is missing or no table.
    """
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=["NA", ""])
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is no table ({reason}); rerun the rule that makes it") from None
    texts = [column for column in table if table[column].isna().all() or not is_numeric_dtype(table[column])]
    return Sheet(heading, table.assign(**{column: table[column].astype(object).fillna("") for column in texts}))


def write_page(path: Path, title: str, sheets: Sequence[Sheet]) -> None:
    """Write one page with these tables, one below the other; the same tables make the same bytes."""
    page = _PAGE.format(
        title=escape(title),
        script=generate_init_offline_itables_html(Path(itables.__file__).parent / "html" / "dt_bundle.js"),
        tables="\n".join(_section(place, sheet) for place, sheet in enumerate(sheets)),
    )
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _section(place: int, sheet: Sheet) -> str:
    heading = f"<h2>{escape(sheet.heading)}</h2>"
    if sheet.table.empty:
        return f"{heading}<p>no rows</p>"
    return heading + itables.to_html_datatable(
        sheet.table,
        connected=False,
        table_id=f"table{place}",
        showIndex=False,
        allow_html=False,
        maxBytes=0,
        lengthMenu=[10, _ROWS, 100, 1000],
        pageLength=_ROWS,
        scrollX=True,
        buttons=["copyHtml5", "csvHtml5"],
        style="width:100%;margin:0",
    )
