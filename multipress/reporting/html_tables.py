"""Tables as HTML pages that sort, search and open offline: each page brings its own JavaScript (DataTables)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from pathlib import Path
from typing import Any

import itables
import numpy as np
import pandas as pd
from itables.javascript import generate_init_offline_itables_html

from multipress.core import csv_tables
from multipress.core.errors import UserError
from multipress.core.files import replacing

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
{remarks}
{tables}
<p>{rounded}</p>
</body>
</html>
"""

_ROUNDED = "Rounded, the columns that matter most first; the CSV files in the folder tables have all decimals."

_ROWS = 25
"""Rows on one screen; all others are a click away."""

_MOST_DECIMALS = 6

_LENGTHS: list[int | str | Mapping[str, Any]] = [10, _ROWS, 100, {"label": "all", "value": -1}]
"""Numbers of rows that the reader may choose instead."""


@dataclass(frozen=True)
class Sheet:
    """A table and its heading on the page."""

    heading: str
    table: pd.DataFrame
    unknown: str = "NA"
    """Text of the file for a number that is not known: NA, or nothing."""


def read_sheet(path: Path, heading: str, first: Sequence[str] = ()) -> Sheet:
    """Any CSV table. A column whose cells are numbers, NA or empty holds numbers; all other cells are the file's text.

    Args:
        path: The file.
        heading: Of the table on the page.
        first: Columns to show before all others, as far as the table has them.

    Raises:
        UserError: the file is missing or no table.
    """
    try:
        table = csv_tables.load(path, dtype=str)
    except csv_tables.TableError as error:
        raise UserError(f"{path} is no table ({error.reason}); rerun the rule that makes it") from None
    ordered = [*(name for name in first if name in table), *(name for name in table if name not in first)]
    return Sheet(heading, table[ordered].apply(_typed), "NA" if (table == "NA").any(axis=None) else "")


def _typed(cells: pd.Series) -> pd.Series:
    """Numbers where all known cells are some."""
    known = ~cells.isin(["NA", ""])
    numbers = pd.to_numeric(cells.where(known), errors="coerce")
    return _rounded(numbers) if known.any() and numbers[known].notna().all() else cells.astype(object)


def _rounded(numbers: pd.Series) -> pd.Series:
    """With so many decimals that most numbers have three digits, and two decimals at least."""
    sizes = numbers.abs()[(numbers != 0) & np.isfinite(numbers)]
    if numbers.dtype.kind != "f" or sizes.empty:
        return numbers
    return numbers.round(min(_MOST_DECIMALS, max(2, 2 - floor(log10(sizes.median())))))


def write_page(path: Path, title: str, sheets: Sequence[Sheet], remarks: Sequence[str] = ()) -> None:
    """Write one page with remarks and these tables, one below the other; the same tables make the same bytes."""
    page = _PAGE.format(
        title=escape(title),
        script=generate_init_offline_itables_html(Path(itables.__file__).parent / "html" / "dt_bundle.js"),
        remarks="\n".join(f"<p>{escape(remark)}</p>" for remark in remarks),
        tables="\n".join(_section(number, sheet) for number, sheet in enumerate(sheets)),
        rounded=_ROUNDED,
    )
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _section(number: int, sheet: Sheet) -> str:
    heading = f"<h2>{escape(sheet.heading)}</h2>"
    if sheet.table.empty:
        return f"{heading}<p>no rows</p>"
    html = itables.to_html_datatable(
        sheet.table,
        connected=False,
        table_id=f"table{number}",
        showIndex=False,
        allow_html=False,
        maxBytes=0,  # no limit: beyond one, rows are left out
        maxRows=0,
        maxColumns=0,
        lengthMenu=_LENGTHS,
        pageLength=_ROWS,
        scrollX=True,
        text_in_header_can_be_selected=False,  # a click on it sorts
        buttons=["copyHtml5", "csvHtml5", *(["pageLength"] if len(sheet.table) > _ROWS else [])],
        style="width:100%;margin:0",
    )
    return heading + html.replace(_unknown("NaN"), _unknown(sheet.unknown))


def _unknown(text: str) -> str:
    """What is not known among numbers, as itables writes it: this text, and what it is sorted by."""
    return rf"[\"{text}\", \"___NaN___\"]"
