"""Early exits."""

from typing import Literal

from pydantic import Field

from multipress.training.settings import LaterSettings


class EarlyExitSettings(LaterSettings):
    """Step ee: exits after the layers of a frozen model, by which clear rows leave early; its own answers stay."""

    epochs: float = Field(10.0, gt=0, le=10_000, examples=[2.5], description="Passes over the training rows.")
    learning_rate_factor: float | None = Field(
        10.0,
        gt=0,
        le=1000,
        examples=[0.7],
        description="Times the learning rate of the recipe's first step, for the same task and architecture; null: "
        "learning_rate says it.",
    )
    objective: Literal["auto", "task"] = Field(
        "auto",
        examples=["task"],
        description="What exits train for: auto, the frozen model's own answers; task, the labels.",
    )
    rule: Literal["auto", "entropy", "patience"] = Field(
        "auto",
        examples=["patience"],
        description="When a row leaves: entropy, where its answer has little; patience, where successive exits agree; "
        "auto: entropy, and patience for regression, whose answers have none.",
    )
    depth: float = Field(
        0.75,
        gt=0,
        le=1,
        examples=[0.5],
        description="Share of the layers that rows pass on average, one layer at least: the threshold is the one that "
        "lets rows leave as late as that allows, on training rows that the exits have not seen.",
    )
    held_out: float = Field(
        0.1, gt=0, le=0.5, examples=[0.2], description="Share of the original training rows that thresholds come from."
    )
    tolerance: float = Field(
        0.1, gt=0, le=1e6, examples=[0.2], description="How far apart answers agree in regression, in units of labels."
    )
