"""Layer reduction."""

from typing import Literal

from pydantic import Field

from multipress.training.settings import TrainingSettings


class ReduceLayersSettings(TrainingSettings):
    """Step l<layers>: some of the parent's encoder layers, trained on."""

    kept: Literal["spaced", "bottom"] = Field(
        "spaced", description="The last of each block of layers, or the first ones.", examples=["bottom"]
    )
