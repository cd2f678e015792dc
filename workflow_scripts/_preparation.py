"""The common part of the two scripts that bring rows to the schema."""

from pathlib import Path
from typing import Literal

import pyarrow
import pyarrow.parquet

from multipress.core.files import replacing
from multipress.core.settings import Name, Section
from multipress.data.prepare import read_split
from multipress.data.settings.rows import RowFormat


class SplitParams(Section):
    """What the rows of a split depend on, beside the source's file."""

    name: Name
    rows: RowFormat
    source: Literal["hub", "folder", "synthetic"]
    limit: int | None
    """Maximum of rows to keep, a sample; None: all."""
    sample_seed: int = 0

    def read(self, path: Path, names: list[str] | None) -> pyarrow.Table:
        """The rows of a file; ``names`` are the label names."""
        return read_split(path, self.rows, names, published=self.source == "hub")


def write_rows(path: Path, rows: pyarrow.Table) -> None:
    """Write a split."""
    with replacing(path) as temporary:
        pyarrow.parquet.write_table(rows, temporary)
