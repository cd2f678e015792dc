"""Distillation."""

from typing import Literal

from pydantic import Field

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.training.settings import StartSettings


class DistillSettings(StartSettings, DistillationSettings):
    """Step kd: distillation on the teacher's logits, for original and augmented rows."""

    augment: bool | Literal["auto"] = Field(
        True, examples=[False], description="Train on the augmented rows, too; auto is true here."
    )
