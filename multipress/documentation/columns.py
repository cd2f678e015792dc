"""Every column of every table that a run writes."""

from multipress.analysis import prediction_tables, survey_tables
from multipress.analysis import tables as analysis
from multipress.core.table import Table
from multipress.dissection import tables as dissection
from multipress.dissection.probes import tables as probes
from multipress.documentation import column_texts
from multipress.documentation.markdown import code, plain, table
from multipress.evaluation import tables as evaluation

ALL = [
    *evaluation.TABLES,
    evaluation.LAYER_TIMES,
    *analysis.TABLES,
    *prediction_tables.TABLES,
    prediction_tables.LOST_ROWS,
    *survey_tables.TABLES,
    *dissection.TABLES,
    *probes.TABLES,
]
"""Each table with fixed columns."""


def columns() -> str:
    """A heading for each table, with its columns."""
    return "\n\n".join(map(_table, ALL))


def _table(of: Table) -> str:
    rows = ((code(column), plain(column_texts.text(of, column))) for column in of.columns)
    return f"## {of.file}\n\n{plain(of.heading)}.\n\n{table(('column', 'what'), rows)}"
