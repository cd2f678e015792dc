"""What the settings of all methods that train have in common."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section


class TrainingSettings(Section):
    """Optimization: AdamW, linear warm-up and decay, clipping; on which rows, and for which loss."""

    epochs: float = Field(3.0, gt=0, le=10_000, examples=[2.5], description="Passes over the training rows.")
    batch_size: int = Field(32, ge=1, le=65_536, examples=[16], description="Rows in a step.")
    learning_rate: float = Field(5e-5, gt=0, lt=1, examples=[3e-5], description="Peak learning rate.")
    warmup_fraction: float = Field(
        0.1, ge=0, lt=1, examples=[0.2], description="Share of steps with a rising learning rate."
    )
    weight_decay: float = Field(
        0.01, ge=0, le=10, examples=[0.02], description="AdamW's weight decay; none on biases and LayerNorm."
    )
    max_grad_norm: float = Field(1.0, gt=0, le=1e6, examples=[2.0], description="Gradient norm clipping.")
    dropout: float = Field(
        0.1, ge=0, lt=1, examples=[0.3], description="Dropout of hidden states, attention and classifier."
    )
    augment: bool | Literal["auto"] = Field(
        "auto",
        examples=[True],
        description="Train on the augmented rows, too; auto: as the step before, and a first step only with a teacher.",
    )
    epochs_over: Literal["own", "augmented"] = Field(
        "own",
        examples=["augmented"],
        description="Rows that an epoch counts: those that are read, or the augmented ones in any case.",
    )
    objective: Literal["auto", "task"] = Field(
        "auto",
        examples=["task"],
        description="task: the labels alone, for this step and all after it; auto: as its method or the step before.",
    )
