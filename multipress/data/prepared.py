"""Prepared data on disk: rows in one schema, and the facts of a task that its trainings need."""

from pathlib import Path
from typing import Literal

import pyarrow
import pyarrow.parquet
from pydantic import ValidationError

from multipress.core.errors import UserError
from multipress.core.files import read_json
from multipress.core.settings import Section
from multipress.core.validation import explain


class PreparedTask(Section):
    """The task.json of a task: what its models look like. Nothing else, for every training depends on it."""

    kind: Literal["classification", "regression"]
    labels: list[str] | None
    """Label names in the order of their ids; None for regression."""


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
        raise UserError(f"{explain(error, PreparedTask, str(path))}; delete it and rerun prepare_train") from None
