"""Warnings about models in doubt, from the tables that name them."""

import pandas as pd

from multipress.analysis.listing import listed
from multipress.analysis.tables import FLAGS, TABLE1_PER_TASK

NOT_LEARNT, LARGER_IS_WORSE = "not_learnt", "larger_is_worse"
"""What the column ``flag`` says."""


def warnings(found: pd.DataFrame, per_task: pd.DataFrame) -> list[str]:
    """What the flags say, in a line for each kind that there is.

    Args:
        found: The table of ``flags``.
        per_task: The table of ``multipress.analysis.table1.per_task``.
    """
    lines = {
        "that have not learnt their task, for one answer to all rows scores as much": _names(found, NOT_LEARNT),
        "that score less than a smaller one with the same recipe": _names(found, LARGER_IS_WORSE),
    }
    said = [
        f"models {what}: {len(names)} ({listed(names)}); see {FLAGS.file}" for what, names in lines.items() if names
    ]
    ends = per_task["at_end_of_curve"].value_counts().drop("", errors="ignore")
    if len(ends):
        which = " and ".join(f"{count} of the {end}" for end, count in sorted(ends.items(), reverse=True))
        said.append(
            f"of {len(per_task)} choices of Table 1, {which} architecture, beyond which none was studied; "
            f"see {TABLE1_PER_TASK.file}, at_end_of_curve"
        )
    return said


def _names(found: pd.DataFrame, flag: str) -> list[str]:
    return [
        f"{model.task} {model.arch}/{model.recipe}" + ("" if pd.isna(model.seed) else f" seed {model.seed:g}")
        for model in found[found["flag"] == flag].itertuples()
    ]
