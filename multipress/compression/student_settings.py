"""What the settings of students without attention have in common."""

from typing import Literal

from pydantic import Field

from multipress.training.settings import StartSettings


class StudentSettings(StartSettings):
    """A training from an encoder's word vectors, for the teacher's logits, with the loss of the section distill."""

    epochs: float = Field(6.0, gt=0, le=10_000, examples=[2.5], description="Passes over the training rows.")
    learning_rate: float = Field(1e-3, gt=0, lt=1, examples=[3e-4], description="Peak learning rate.")
    augment: bool | Literal["auto"] = Field(
        True, examples=[False], description="Train on the augmented rows, too; auto is true here."
    )
    objective: Literal["task", "logits"] = Field(
        "logits",
        examples=["task"],
        description="For this step and all after it: logits, with the loss of the section distill; task, the labels "
        "alone.",
    )
