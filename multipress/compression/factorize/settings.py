"""Low-rank factors."""

from pydantic import Field

from multipress.training.settings import LaterSettings


class FactorizeSettings(LaterSettings):
    """Step r<percent>: low-rank factors of the encoder's matrices by SVD, trained on."""

    data_aware: bool = Field(
        False,
        examples=[True],
        description="Start with factors of least squared error of the layers' outputs on training rows, not of their "
        "matrices.",
    )
    data_rows: int = Field(
        2000,
        ge=1,
        le=1_000_000,
        examples=[64],
        description="Where data_aware: these training rows, the first of an epoch.",
    )
