"""The rank of a factored matrix."""

FULL_RANK = 100
"""Percent that stand for matrices as they are: two factors of any rank would be another training."""


def kept_rank(rows: int, columns: int, percent: int) -> int:
    """The largest rank whose two factors hold at most ``percent`` % of a matrix's entries; 1 at the least."""
    return max(1, percent * rows * columns // (100 * (rows + columns)))
