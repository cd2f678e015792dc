"""Shared layers."""

from typing import Literal

from pydantic import Field

from multipress.training.settings import LaterSettings


class ShareLayersSettings(LaterSettings):
    """Step s<groups>: groups of neighbouring encoder layers with the same weights, trained on."""

    start: Literal["mean", "first"] = Field(
        "mean", examples=["first"], description="A group's weights: the mean of its layers', or its first layer's."
    )
