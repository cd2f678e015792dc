"""What a prepared task says about itself: the task.json that every later stage reads."""

from pathlib import Path
from typing import Literal

import pyarrow
import pyarrow.parquet
from pydantic import ValidationError

from multipress.config.base import Section
from multipress.config.explain import explain
from multipress.config.tasks import ClassificationMetric, RegressionMetric
from multipress.errors import UserError
from multipress.files import read_json


class PreparedTask(Section):
    """A task whose splits lie in one schema: idx, text_a, text_b, label."""

    name: str
    kind: Literal["classification", "regression"]
    metric: ClassificationMetric | RegressionMetric
    labels: list[str] | None
    """Label names in the order of their ids; None for regression."""
    label_range: tuple[float, float] | None
    source: Literal["hub", "folder", "synthetic"]
    pair: bool
    """Whether rows have two texts."""
    rows: dict[str, int]
    """Rows of each split."""
    dev_splits: list[str]
    """The dev splits, the primary one first."""


def read_rows(path: str | Path) -> pyarrow.Table:
    """Read a split of prepared or augmented rows; it may have none.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        return pyarrow.parquet.read_table(path).combine_chunks()
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(
            f"{path} cannot be read ({type(error).__name__}); delete it and rerun the rule that makes it"
        ) from None


def read_task(path: str | Path) -> PreparedTask:
    """Read a task.json.

    Raises:
        UserError: the file is missing or is no prepared task.
    """
    try:
        return PreparedTask.model_validate(read_json(path))
    except ValidationError as error:
        raise UserError(f"{explain(error, PreparedTask, str(path))}; delete it and rerun prepare_data") from None
