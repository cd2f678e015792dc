"""Low-rank factors."""

from multipress.training.settings import LaterSettings


class FactorizeSettings(LaterSettings):
    """Step r<percent>: low-rank factors of the encoder's matrices by SVD, trained on."""
