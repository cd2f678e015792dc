"""Fine-tuning."""

from multipress.training.settings import TrainingSettings


class FinetuneSettings(TrainingSettings):
    """Step ft: fine-tuning with the task loss alone. The teacher is such a model."""
