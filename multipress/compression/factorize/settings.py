"""Low-rank factors."""

from multipress.training.settings import TrainingSettings


class FactorizeSettings(TrainingSettings):
    """Step r<percent>: low-rank factors of the encoder's matrices by SVD, trained on."""
