"""Low-rank factors."""

from multipress.training.settings import TrainingSettings


class FactorizeSettings(TrainingSettings):
    """Recipe step r<percent>: factor each matrix of the encoder by SVD, and train on."""
