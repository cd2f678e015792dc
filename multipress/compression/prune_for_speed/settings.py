"""Structured pruning to a latency."""

from typing import Literal

from pydantic import Field

from multipress.training.importance_settings import RowsOfImportance
from multipress.training.settings import LaterSettings


class PruneForSpeedSettings(LaterSettings, RowsOfImportance):
    """Step x<percent>: heads and neurons cut out until the model has this speed, in percent of before; trained on."""

    precision: Literal["float32", "int8"] = Field(
        "float32",
        examples=["int8"],
        description="Of the measured times that the speed is counted in; int8 where a later step quantizes.",
    )
