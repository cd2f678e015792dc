"""Ranks of which two factors are smaller than the word table."""

from multipress.model.shape import MOST_HIDDEN

WHOLE = MOST_HIDDEN
"""The rank that stands for the table as it is, for no model is wider."""


def check_rank(rank: int, rows: int, columns: int) -> None:
    """Compare a table with its factors.

    Raises:
        ValueError: factors of this rank are no smaller than the table.
    """
    if rank * (rows + columns) >= rows * columns:
        most = (rows * columns - 1) // (rows + columns)
        raise ValueError(
            f"factors a word table of {rows} rows and {columns} columns, which that makes no smaller: "
            f"use a rank of at most {most}"
        )
