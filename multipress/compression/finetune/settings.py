"""Fine-tuning."""

from multipress.training.settings import StartSettings


class FinetuneSettings(StartSettings):
    """Step ft: fine-tuning with the task loss alone. The teacher is such a model."""
