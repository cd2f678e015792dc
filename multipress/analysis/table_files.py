"""Tables of the analysis on disk. What is unknown is ``NA``; an empty cell says that there is nothing to say."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from multipress.analysis.tables import TABLES
from multipress.core.errors import UserError
from multipress.core.files import replacing

_TEXT = {column: str for table in TABLES for column in table.text}


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV with six decimals."""
    with replacing(path) as temporary:
        rounded = table.round(dict.fromkeys(table.select_dtypes("float"), 6))
        rounded.to_csv(temporary, index=False, na_rep="NA", lineterminator="\n")


def read(path: Path, columns: Collection[str]) -> pd.DataFrame:
    """Read a table that ``write`` wrote; NA becomes NaN, an empty cell an empty text.

    Raises:
        UserError: the file is missing, is no table, or lacks one of ``columns``.
    """
    try:
        table = pd.read_csv(path, dtype=_TEXT, keep_default_na=False, na_values=["NA"], index_col=False)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); rerun the rule analyze") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no CSV table ({' '.join(str(error).split())}); rerun the rule analyze") from None
    if absent := [column for column in columns if column not in table]:
        raise UserError(f"{path} has no column {', '.join(absent)}; rerun the rule analyze")
    return table
