"""Sizes of the network."""

WINDOWS = (3, 4, 5)
"""Words that filters see at once (Kim 2014)."""

FILTERS = 100
"""Of each window (Kim 2014)."""
