"""Sizes of the LSTM."""

STATES = 150
"""Of each direction (Tang et al. 2019)."""

DIRECTIONS, GATES = 2, 4
