"""Post-training quantization."""

from pydantic import Field, field_validator

from multipress.compression.quantize.grid_settings import GridSettings


class CalibrateSettings(GridSettings):
    """Step ptq<bits>: post-training quantization, calibrated on training rows."""

    rows: int = Field(
        512,
        ge=1,
        le=1_000_000,
        examples=[64],
        description="Training rows for the ranges of activations, the first of an epoch.",
    )
    batch_size: int = Field(
        32, ge=1, le=65_536, examples=[16], description="Rows in a batch, each of which has a say in the ranges."
    )

    @field_validator("activation_range")
    @classmethod
    def _not_learned(cls, value: str) -> str:
        if value == "learned":
            raise ValueError("nothing is learned after training: use minmax, percentile, mse or token")
        return value
