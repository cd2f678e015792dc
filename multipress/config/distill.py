"""Distillation."""

from multipress.config.distillation import DistillationSettings
from multipress.config.optimization import TrainingSettings


class DistillSettings(TrainingSettings, DistillationSettings):
    """Recipe kd: the teacher's logits on original and augmented rows."""
