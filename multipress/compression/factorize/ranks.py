"""The rank of a factored matrix."""


def kept_rank(rows: int, columns: int, percent: int) -> int:
    """The largest rank whose two factors hold at most ``percent`` % of a matrix's entries; 1 at the least."""
    return max(1, percent * rows * columns // (100 * (rows + columns)))
