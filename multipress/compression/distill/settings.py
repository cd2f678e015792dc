"""Distillation."""

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.training.settings import TrainingSettings


class DistillSettings(TrainingSettings, DistillationSettings):
    """Recipe kd: the teacher's logits on original and augmented rows."""
