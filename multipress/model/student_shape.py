"""Sizes of models without attention that do not depend on the width of their word vectors."""

DENSE = 200
"""Outputs of the dense layer after the one that reads (Tang et al. 2019)."""

PARTS_OF_PAIR = 4
"""Vectors of the dense layer's size that the classifier of a pair gets."""
