"""Groups of weights of which some stay: the pattern that sparse tensor cores compute (Mishra et al. 2021)."""

PATTERN, DENSE = 24, 0
"""The step's argument: 2 of 4, and none pruned."""

KEPT, GROUP = 2, 4
INDEX_BITS = 2
"""Of each weight that stays: which of its group's four places it has."""


def check_groups(inputs: int) -> None:
    """Look whether a matrix of so many inputs has whole groups.

    Raises:
        ValueError: no.
    """
    if inputs % GROUP:
        raise ValueError(
            f"keeps two of each four inputs' weights, and a matrix has {inputs} inputs: prune with mp50, or cut to a "
            "multiple of four"
        )
