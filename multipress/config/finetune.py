"""Fine-tuning."""

from multipress.config.optimization import TrainingSettings


class FinetuneSettings(TrainingSettings):
    """Recipe ft: the task loss alone. The teacher is such a model."""
