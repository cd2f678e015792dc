"""Shared layers."""

from typing import Literal

from pydantic import Field

from multipress.training.settings import LaterSettings


class ShareLayersSettings(LaterSettings):
    """Step s<groups>: groups of neighbouring encoder layers with the same weights, trained on."""

    start: Literal["first", "mean"] = Field(
        "first", examples=["mean"], description="A group starts with its first layer's weights, or the mean of all."
    )
