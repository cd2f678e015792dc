"""Fine-tuning."""

from multipress.training.settings import TrainingSettings


class FinetuneSettings(TrainingSettings):
    """Recipe ft: the task loss alone. The teacher is such a model."""
