"""Groups of weights of which some stay: the pattern that sparse tensor cores compute (Mishra et al. 2021)."""

PATTERN, DENSE = 24, 0
"""The step's argument: 2 of 4, and none pruned."""

KEPT, GROUP = 2, 4
INDEX_BITS = 2
"""Of each weight that stays: which of its group's four places it has."""
