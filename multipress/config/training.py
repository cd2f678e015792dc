"""The settings of the training stages by one name. A script that imports one of them here depends on that one alone."""

from multipress.config.distill import DistillSettings
from multipress.config.distillation import DistillationSettings
from multipress.config.finetune import FinetuneSettings
from multipress.config.optimization import TrainingSettings
from multipress.config.prune import PruneSettings
from multipress.config.quantize import QuantizeSettings

__all__ = [
    "DistillSettings",
    "DistillationSettings",
    "FinetuneSettings",
    "PruneSettings",
    "QuantizeSettings",
    "TrainingSettings",
]
