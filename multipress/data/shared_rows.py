"""Rows that stand in the training set and in a dev set, too: a score on them tells what was learned by heart."""

from functools import reduce

import pyarrow
import pyarrow.compute

from multipress.core.errors import UserError
from multipress.data.checks import texts
from multipress.data.column import Column
from multipress.data.names import BLANKS

_TRIAL_ROWS = 20
"""A dev set of fewer rows tries out files and settings; no score of it says anything. It may consist of shared rows."""


def told_shared_rows(train: list[Column], dev: list[Column]) -> str | None:
    """What is to be said of the dev rows whose texts are those of a training row; None where there are none.

    Texts are the same whatever blanks stand around them and however their letters are composed.

    Args:
        train: The text columns of the training rows.
        dev: Those of the dev rows.

    Raises:
        UserError: all rows of a dev set of 20 rows or more are shared; a column holds something other than texts.
    """
    shared = pyarrow.compute.is_in(_keys(dev), value_set=_keys(train))
    count, rows = pyarrow.compute.sum(shared).as_py() or 0, len(shared)
    if not count:
        return None
    if count == rows >= _TRIAL_ROWS:
        raise UserError(
            f"all {rows} rows of the dev set {dev[0].file} are also among the training rows of {train[0].file}: "
            "their scores would be those of rows learned by heart; take other rows for one of the two"
        )
    first = dev[0].place(pyarrow.compute.index(shared, True).as_py())
    return (
        f"{count} of {rows} rows of the dev set {dev[0].file} are also among the training rows of {train[0].file}; "
        f"the first: {first}"
    )


def _keys(columns: list[Column]) -> pyarrow.Array:
    parts = [_bare(texts(column).cast(pyarrow.large_string())) for column in columns]
    between = pyarrow.scalar("\0", pyarrow.large_string())
    return reduce(lambda one, other: pyarrow.compute.binary_join_element_wise(one, other, between), parts)


def _bare(values: pyarrow.Array) -> pyarrow.Array:
    return pyarrow.compute.utf8_trim(pyarrow.compute.utf8_normalize(values, form="NFC"), BLANKS)
