"""Are scores in points and sizes in MB? What the numbers of a table say of their units."""

import numpy as np
import pandas as pd

from multipress.analysis.grid import BASELINE
from multipress.compression.planned_size import paper_mb, planned_size
from multipress.core.errors import UserError
from multipress.core.foreign_tables import ForeignTable, to_numbers
from multipress.model.paper_shapes import PAPER

_AS_WRITTEN = 1e-4
"""Half a unit of the last decimal of metrics and scores in results.csv, and to spare."""

_LARGEST = 1e6
"""MB: a model of a terabyte."""

_UNITS = {1e-3: "GB", 1e3: "KB", 1e6: "bytes"}
"""What a size is in that is this multiple of the size in MB."""

_OF_UNCOMPRESSED = (1 / 2000, 10)
"""Size of a compressed model over that of the uncompressed one: what no compression goes beyond."""

_OF_PAPER_MB = (1 / 100, 100)
"""The same for two definitions of one model's size."""


def check_scores(source: ForeignTable, table: pd.DataFrame) -> None:
    """Refuse scores that look like fractions of 1, as most libraries compute them, where points are expected.

    These are, in each task by itself: scores that all lie within -1 and 1 while one is above 0 (a task on which all
    models score 0 says nothing of its scale); and single scores above 0, up to 1, that would be among the task's
    others if they were multiplied by 100. A row that says the metric's own value beside the score, as results.csv does
    (``metric`` names its column), is known to be in points.

    Args:
        source: The table as text.
        table: Its columns task and score, with the same index.

    Raises:
        UserError: scores of a task look like fractions.
    """
    open_to_doubt = table[~_proven(source, table["score"])]
    fractions = [task for task, scores in open_to_doubt.groupby("task", sort=False)["score"] if _are_fractions(scores)]
    remedy = "scores are in points from 0 to 100: multiply by 100, or say --in-points if they are points"
    if fractions:
        scores = open_to_doubt.loc[open_to_doubt["task"].isin(fractions), "score"]
        which = f"task {', '.join(fractions)}" if len(fractions) < table["task"].nunique() else "all tasks"
        raise UserError(
            f"{source.path}, column score: those of {which} are from {scores.min():g} to {scores.max():g}, "
            f"like fractions; {remedy}"
        )
    for task, scores in open_to_doubt.groupby("task", sort=False)["score"]:
        for line in _odd(scores):
            raise source.error(line, f"score {scores[line]:g} of task {task} is like a fraction; {remedy}")


def _proven(source: ForeignTable, scores: pd.Series) -> pd.Series:
    """Whether the metric that a row names says the same in its own unit."""
    proven = pd.Series(False, index=scores.index)
    if "metric" not in source.text:
        return proven
    for metric in set(source.text["metric"]) & set(source.text) - {"score"}:
        same = (100 * to_numbers(source.text[metric]) - scores).abs() <= 100 * _AS_WRITTEN
        proven |= same & (source.text["metric"] == metric) & (scores != 0)
    return proven


def _are_fractions(scores: pd.Series) -> bool:
    return bool(scores.abs().max() <= 1 and scores.max() > 0)


def _odd(scores: pd.Series) -> list[int]:
    """The lines of scores that would be among the task's others if they were multiplied by 100."""
    small, others = scores[(scores > 0) & (scores <= 1)], scores[scores > 1]
    return small.index[(100 * small).between(others.min(), others.max())].tolist()


def remarks_on_sizes(table: pd.DataFrame) -> list[str]:
    """A line for each column of sizes that seems to hold other units than MB (10^6 bytes), or several.

    ``table`` is as ``read_results`` makes it.
    """
    sizes = [column for column in table if column.endswith("_mb")]
    found = [_against_paper(table, size) or _too_large(table, size) for size in sizes]
    found += [_against_uncompressed(table, size) for size in sizes]
    found += [_against_paper_mb(table, size) for size in sizes if size != "paper_mb"]
    return [f"{remark}; sizes are in MB of 10^6 bytes" for remark in found if remark]


def _against_paper(table: pd.DataFrame, size: str) -> str:
    """Whether architectures of the paper have another unit, going by their published sizes."""
    published = {arch: paper_mb(planned_size(spec)) for arch, spec in PAPER.items()}
    for arch, ours in _uncompressed(table, size).items():
        for multiple, unit in _UNITS.items():
            if arch in published and np.isclose(ours, multiple * published[arch], rtol=0.2):
                return f"{size} of {arch}/{BASELINE} is {ours:g}, as if in {unit}"
    return ""


def _too_large(table: pd.DataFrame, size: str) -> str:
    largest = table[size].max()
    return f"{size} is up to {largest:g}" if largest >= _LARGEST else ""


def _against_uncompressed(table: pd.DataFrame, size: str) -> str:
    ratio = table[size] / table["arch"].map(_uncompressed(table, size))
    return _first_beyond(table, size, ratio, _OF_UNCOMPRESSED, "that of the uncompressed model")


def _against_paper_mb(table: pd.DataFrame, size: str) -> str:
    return _first_beyond(table, size, table[size] / table["paper_mb"], _OF_PAPER_MB, "its paper_mb")


def _first_beyond(table: pd.DataFrame, size: str, ratio: pd.Series, within: tuple[float, float], other: str) -> str:
    """The first model whose ratio of sizes is not within these bounds; empty if there is none."""
    beyond = ratio[ratio.notna() & ~ratio.between(*within)]
    if beyond.empty:
        return ""
    arch, recipe = table.loc[beyond.index[0], ["arch", "recipe"]]
    return f"{size} of {arch}/{recipe} is {beyond.iloc[0]:.3g} times {other}"


def _uncompressed(table: pd.DataFrame, size: str) -> pd.Series:
    """Mean size of the uncompressed model by architecture."""
    return table[table["recipe"] == BASELINE].groupby("arch", sort=False)[size].mean()
