"""Layer reduction."""

from typing import Literal

from pydantic import Field

from multipress.training.settings import LaterSettings


class ReduceLayersSettings(LaterSettings):
    """Step l<layers>: some of the parent's encoder layers, trained on."""

    kept: Literal["spaced", "bottom"] = Field(
        "spaced", description="The last of each block of layers, or the first ones.", examples=["bottom"]
    )
