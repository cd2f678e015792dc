"""Low-rank factors of the word table."""

from multipress.training.settings import LaterSettings


class FactorizeWordsSettings(LaterSettings):
    """Step er<rank>: low-rank factors of the word table by SVD, trained on."""
