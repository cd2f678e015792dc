"""Two of each four weights."""

from multipress.training.settings import LaterSettings


class PruneGroupsSettings(LaterSettings):
    """Step nm24: magnitude pruning of two of each four inputs' weights in the encoder, the rest trained on."""
