"""Pruning."""

from typing import Literal

from pydantic import Field, model_validator

from multipress.training.settings import LaterSettings


class PruneSettings(LaterSettings):
    """Step mp<percent>: magnitude pruning of the encoder's linear weights."""

    scope: Literal["layer", "global"] = Field(
        "layer", examples=["global"], description="Rank magnitudes within each matrix, or over all."
    )
    ramp_start: float = Field(
        0.1, ge=0, lt=1, examples=[0.2], description="Share of steps before sparsity begins to rise."
    )
    ramp_end: float = Field(
        0.7, gt=0, le=1, examples=[0.8], description="Share of steps at which the final sparsity is reached."
    )
    update_every: int = Field(
        10, ge=1, le=1_000_000, examples=[5], description="Steps between two updates of the mask on the ramp."
    )

    @model_validator(mode="after")
    def _ordered(self) -> "PruneSettings":
        if self.ramp_start >= self.ramp_end:
            raise ValueError(f"ramp_start {self.ramp_start} must be below ramp_end {self.ramp_end}")
        return self
