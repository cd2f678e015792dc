"""Feature distillation."""

from typing import Literal

from pydantic import Field

from multipress.compression.distill_features.loss_settings import FeatureSettings
from multipress.training.settings import StartSettings


class DistillFeaturesSettings(StartSettings, FeatureSettings):
    """Step fkd: distillation on a teacher's logits, hidden states and attention, for original and augmented rows."""

    augment: bool | Literal["auto"] = Field(
        True, examples=[False], description="Train on the augmented rows, too; auto is true here."
    )
