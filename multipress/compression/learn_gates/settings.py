"""Structured pruning by learned gates."""

from pydantic import Field

from multipress.training.settings import LaterSettings


class LearnGatesSettings(LaterSettings):
    """Step c<percent>: heads and neurons cut out that learned gates close, the rest trained on."""

    gates_fraction: float = Field(
        0.5, gt=0, le=1, examples=[0.6], description="Share of steps in which gates are learned; then shapes stay."
    )
    gates_learning_rate: float = Field(
        0.1, gt=0, le=10, examples=[0.05], description="Of gates and of the price of an open one, without a schedule."
    )
