"""Distillation."""

from multipress.compression.distill.loss_settings import DistillationSettings
from multipress.training.settings import StartSettings


class DistillSettings(StartSettings, DistillationSettings):
    """Step kd: distillation on the teacher's logits, for original and augmented rows."""
