"""The common part of the two scripts that bring rows to the schema."""

from pathlib import Path

import pyarrow
import pyarrow.parquet

from multipress.core.errors import UserError
from multipress.core.files import replacing
from multipress.core.settings import Name, Section
from multipress.data.column import Column
from multipress.data.defined import undefined
from multipress.data.glue import GLUE
from multipress.data.prepare import read_source, rows_of
from multipress.data.settings.rows import RowFormat
from multipress.data.shared_rows import told_shared_rows


class SplitParams(Section):
    """What the rows of a split depend on, beside the source's file."""

    name: Name
    rows: RowFormat
    limit: int | None
    """Maximum of rows to keep, a sample; None: all."""
    sample_seed: int = 0

    def read(self, path: Path) -> dict[str, Column]:
        """The columns of a source's file."""
        return read_source(path, self.rows, published=self.name in GLUE)

    def bring(self, source: dict[str, Column], names: list[str] | None) -> pyarrow.Table:
        """The rows of a source in the schema; ``names`` are the label names."""
        return rows_of(source, self.rows, names, published=self.name in GLUE)

    def tell_shared_rows(self, train: dict[str, Column], dev: dict[str, Column]) -> None:
        """Warn of dev rows that are training rows, too.

        Raises:
            UserError: all of them are.
        """
        told = told_shared_rows(*([source[name] for name in self.rows.text_columns] for source in (train, dev)))
        if told:
            print(f"warning: {told}")


def check_dev_labels(dev_set: str, rows: pyarrow.Table, metric: str, names: list[str] | None) -> None:
    """Refuse a dev set that a metric has no value on, and warn of one with a single label.

    Raises:
        UserError: the metric is undefined.
    """
    labels = rows["label"].to_numpy()
    reason = undefined(metric, labels, None if names is None else len(names))
    if reason:
        raise UserError(f"the dev set {dev_set} gives no score: {reason}; give it rows of different labels")
    if names is not None and len(set(labels.tolist())) == 1:
        print(f"warning: all {len(labels)} rows of the dev set {dev_set} have the label {names[labels[0]]!r}")


def write_rows(path: Path, rows: pyarrow.Table) -> None:
    """Write a split."""
    with replacing(path) as temporary:
        pyarrow.parquet.write_table(rows, temporary)
